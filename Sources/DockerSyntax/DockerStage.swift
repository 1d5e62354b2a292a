/// A build stage: the instructions from one FROM to the next.
package struct DockerStage: Hashable, Sendable {
    /// The line of its FROM.
    package var line: Int
    /// In lower case; `nil` without AS.
    package var name: String?
    /// The base image or stage, with variables expanded.
    package var base: ExpandedWord
    /// The index of the stage that it is based on; `nil` if it is based on an image.
    package var parent: Int?
    /// Its instructions after FROM.
    package var steps: [DockerStep] = []
}

/// An instruction with the variables in effect before it.
package struct DockerStep: Hashable, Sendable {
    package var instruction: DockerInstruction
    package let scope: DockerScope

    /// Returns a word of the instruction with variables expanded and quotes removed; `nil` if it
    /// cannot be parsed.
    package func expanded(_ word: String) -> ExpandedWord? { scope.expanded(word) }
}

/// The values of ARG and ENV at one instruction.
package struct DockerScope: Hashable, Sendable {
    let escape: UInt8
    /// In a stage, unset variables are unknown, because the base image may have set them.
    var unsetValue = VariableValue.unset
    package private(set) var values = VariableTable()

    /// Returns the scope before the first FROM: the variables that BuildKit sets on the Hub's
    /// machines.
    static func global(escape: UInt8) -> DockerScope {
        var scope = DockerScope(escape: escape)
        for prefix in ["BUILD", "TARGET"] {
            scope.values.set(prefix + "PLATFORM", to: .likely("linux/amd64"))
            scope.values.set(prefix + "OS", to: .likely("linux"))
            scope.values.set(prefix + "ARCH", to: .likely("amd64"))
            scope.values.set(prefix + "VARIANT", to: .likely(""))
        }
        return scope
    }

    func expanded(_ word: String) -> ExpandedWord? {
        var expandedBytes = 0
        return try? expanded(word, expandedBytes: &expandedBytes)
    }

    /// - Parameter expandedBytes: increased by the number of bytes that variables expanded to.
    func expanded(_ word: String, expandedBytes: inout Int) throws(ShellLexer.LexerError) -> ExpandedWord {
        var lexer = ShellLexer(escape: escape) { values[$0] ?? unsetValue }
        defer { expandedBytes += lexer.expandedBytes }
        return try lexer.word(word)
    }

    /// Applies an ENV or ARG; a stage's ARG without a value takes the value of the global ARG.
    /// - Throws: `LexerError` if a value exceeds a limit of length or depth.
    mutating func apply(
        _ instruction: DockerInstruction, global: DockerScope? = nil, expandedBytes: inout Int
    ) throws(ShellLexer.LexerError) {
        let scope = self
        for variable in instruction.variables {
            let value: VariableValue? =
                if let word = variable.value { try scope.value(word, expandedBytes: &expandedBytes) } else {
                    nil
                }
            if instruction.keyword == "ENV" {
                values.set(variable.name, to: value ?? .unknown)
            } else if case .known = scope.values[variable.name], global != nil {
                // ENV hides an ARG of the same name.
                continue
            } else {
                values.set(
                    variable.name, to: value?.overridable ?? global?.values[variable.name] ?? .unknown)
            }
        }
    }

    private func value(_ word: String, expandedBytes: inout Int) throws(ShellLexer.LexerError)
        -> VariableValue
    {
        let expanded: ExpandedWord
        do throws(ShellLexer.LexerError) {
            expanded = try self.expanded(word, expandedBytes: &expandedBytes)
        } catch {
            guard error.isLimit else { return .unknown }
            throw error
        }
        switch expanded.certainty {
        case .certain: return .known(expanded.text)
        case .likely: return .likely(expanded.text)
        case .unknown: return .unknown
        }
    }
}

extension VariableValue {
    /// The value as the default of an ARG, which a build argument can override.
    fileprivate var overridable: VariableValue {
        if case .known(let text) = self { .likely(text) } else { self }
    }
}

/// A persistent table of variables. A copy with one more value shares all other nodes with its
/// original, so that every step of a Dockerfile can keep the variables in effect before it.
package struct VariableTable: Hashable, Sendable {
    /// A node of a search tree ordered by hash values, which are random, so that chosen names
    /// cannot unbalance the tree.
    private final class Node: Sendable {
        let name: String
        let hash: Int
        let value: VariableValue
        let left: Node?
        let right: Node?

        init(_ name: String, _ hash: Int, _ value: VariableValue, _ left: Node?, _ right: Node?) {
            (self.name, self.hash, self.value, self.left, self.right) = (name, hash, value, left, right)
        }
    }

    private var root: Node?

    package subscript(name: String) -> VariableValue? {
        let hash = name.hashValue
        var next = root
        while let node = next {
            if node.hash == hash, node.name == name { return node.value }
            next = hash < node.hash ? node.left : node.right
        }
        return nil
    }

    mutating func set(_ name: String, to value: VariableValue) {
        root = Self.inserted(name, name.hashValue, value, into: root)
    }

    private static func inserted(
        _ name: String, _ hash: Int, _ value: VariableValue, into node: Node?
    ) -> Node {
        guard let node else { return Node(name, hash, value, nil, nil) }
        if node.hash == hash, node.name == name { return Node(name, hash, value, node.left, node.right) }
        if hash < node.hash {
            let left = inserted(name, hash, value, into: node.left)
            return Node(node.name, node.hash, node.value, left, node.right)
        }
        let right = inserted(name, hash, value, into: node.right)
        return Node(node.name, node.hash, node.value, node.left, right)
    }

    private var all: [String: VariableValue] {
        var (values, queue): ([String: VariableValue], [Node]) = ([:], [root].compactMap { $0 })
        while let node = queue.popLast() {
            values[node.name] = node.value
            queue += [node.left, node.right].compactMap { $0 }
        }
        return values
    }

    package static func == (left: VariableTable, right: VariableTable) -> Bool {
        left.root === right.root || left.all == right.all
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(all) }
}

/// From one FROM to the next.
package struct DockerStage: Hashable, Sendable {
    /// The line of its FROM.
    package var line: Int
    /// In lower case; nil without AS.
    package var name: String?
    /// What it builds on, variables put in.
    package var base: ExpandedWord
    /// The place among the stages of the one it builds on.
    package var parent: Int?
    /// Its instructions behind FROM.
    package var steps: [DockerStep] = []
}

/// An instruction with the variables that hold before it.
package struct DockerStep: Hashable, Sendable {
    package var instruction: DockerInstruction
    package let scope: DockerScope

    /// A word of the instruction with its variables put in and its quotes taken off; nil for one that cannot be read.
    package func expanded(_ word: String) -> ExpandedWord? { scope.expanded(word) }
}

/// The values of ARG and ENV at one place.
package struct DockerScope: Hashable, Sendable {
    let escape: UInt8
    /// In a stage, a base image may have set anything.
    var unsetValue = VariableValue.unset
    package private(set) var values = VariableTable()

    /// Before the first FROM: what BuildKit itself sets for the Hub's machines.
    static func global(escape: UInt8) -> DockerScope {
        var scope = DockerScope(escape: escape)
        for side in ["BUILD", "TARGET"] {
            scope.values.set(side + "PLATFORM", to: .likely("linux/amd64"))
            scope.values.set(side + "OS", to: .likely("linux"))
            scope.values.set(side + "ARCH", to: .likely("amd64"))
            scope.values.set(side + "VARIANT", to: .likely(""))
        }
        return scope
    }

    func expanded(_ word: String) -> ExpandedWord? {
        var spent = 0
        return try? expanded(word, expandedBytes: &spent)
    }

    /// - Parameter spent: grows by the bytes that variables expanded to.
    func expanded(_ word: String, expandedBytes: inout Int) throws(ShellLexer.LexerError) -> ExpandedWord {
        var lexer = ShellLexer(escape: escape) { values[$0] ?? unsetValue }
        defer { expandedBytes += lexer.expandedBytes }
        return try lexer.word(word)
    }

    /// Takes an ENV or ARG in; a global ARG is what a stage's ARG without a value means.
    /// - Throws: that a value is longer or deeper than a limit allows.
    mutating func apply(
        _ instruction: DockerInstruction, global: DockerScope? = nil, expandedBytes: inout Int
    ) throws(ShellLexer.LexerError) {
        let before = self
        for variable in instruction.variables {
            let value: VariableValue? =
                if let word = variable.value { try before.value(word, expandedBytes: &expandedBytes) } else {
                    nil
                }
            if instruction.keyword == "ENV" {
                values.set(variable.name, to: value ?? .unknown)
            } else if case .known = before.values[variable.name], global != nil {
                // ENV hides an ARG of its name.
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
    /// As the default of an ARG.
    fileprivate var overridable: VariableValue {
        if case .known(let text) = self { .likely(text) } else { self }
    }
}

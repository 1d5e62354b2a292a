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

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
    let scope: DockerScope

    /// A word of the instruction with its variables put in and its quotes taken off; nil for one that cannot be read.
    package func expanded(_ word: String) -> ExpandedWord? { scope.expanded(word) }
}

/// The values of ARG and ENV at one place.
struct DockerScope: Hashable, Sendable {
    let escape: UInt8
    /// In a stage, a base image may have set anything.
    var missing = VariableValue.unset
    private(set) var values: [String: VariableValue] = [:]

    /// Before the first FROM: what BuildKit itself sets for the Hub's machines.
    static func global(escape: UInt8) -> DockerScope {
        var scope = DockerScope(escape: escape)
        for side in ["BUILD", "TARGET"] {
            scope.values[side + "PLATFORM"] = .likely("linux/amd64")
            scope.values[side + "OS"] = .likely("linux")
            scope.values[side + "ARCH"] = .likely("amd64")
            scope.values[side + "VARIANT"] = .likely("")
        }
        return scope
    }

    func expanded(_ word: String) -> ExpandedWord? {
        var lexer = ShellLexer(escape: escape) { values[$0] ?? missing }
        return try? lexer.word(word)
    }

    /// Takes an ENV or ARG in; a global ARG is what a stage's ARG without a value means.
    mutating func take(_ instruction: DockerInstruction, global: DockerScope? = nil) {
        let before = self
        for variable in instruction.variables {
            let value = variable.value.map { before.value($0) }
            if instruction.keyword == "ENV" {
                values[variable.name] = value
            } else if case .known = before.values[variable.name], global != nil {
                // ENV hides an ARG of its name.
                continue
            } else {
                values[variable.name] = value?.overridable ?? global?.values[variable.name] ?? .unknown
            }
        }
    }

    private func value(_ word: String) -> VariableValue {
        guard let expanded = expanded(word) else { return .unknown }
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

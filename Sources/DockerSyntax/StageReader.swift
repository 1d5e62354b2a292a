import TextTools

/// Groups instructions into stages, with the variables in effect at each instruction.
struct StageReader {
    private let escape: UInt8
    private(set) var stages: [DockerStage] = []
    private(set) var problems: [DockerProblem] = []
    /// Index of the last stage of each name.
    private var names: [String: Int] = [:]
    /// The variables at the end of each stage.
    private var finalScopes: [DockerScope] = []
    /// The number of values set by ENV and ARG.
    private var assignmentCount = 0
    /// Bytes that variables have expanded to.
    private var expandedBytes = 0

    init(escape: UInt8) { self.escape = escape }

    private static let beforeFirstFrom = "is before the first FROM"

    /// - Throws: `DockerProblem` with the limit that the instructions exceed.
    mutating func read(_ instructions: [DockerInstruction]) throws(DockerProblem) {
        var global = DockerScope.global(escape: escape)
        for instruction in instructions.prefix(while: { $0.keyword != "FROM" })
        where instruction.keyword == "ARG" {
            try apply(instruction, into: &global, global: nil)
        }
        var scope = global
        for instruction in instructions {
            if instruction.keyword == "FROM" {
                if !stages.isEmpty { finalScopes.append(scope) }
                scope = try begin(instruction, global)
            } else if !stages.isEmpty {
                try measureExpansions(instruction, in: scope)
                stages[stages.count - 1].steps.append(DockerStep(instruction: instruction, scope: scope))
                try apply(instruction, into: &scope, global: global)
            } else if instruction.keyword != "ARG", InstructionRules.keywords.contains(instruction.keyword) {
                problems.append(
                    DockerProblem(
                        line: instruction.line, reason: "\(instruction.keyword) \(Self.beforeFirstFrom)",
                        fix: "start with FROM IMAGE; only ARG can come before it"))
            }
        }
        if stages.isEmpty { reportMissingFrom(in: instructions) }
    }

    private mutating func reportMissingFrom(in instructions: [DockerInstruction]) {
        // Replaces the same problem on every line.
        problems.removeAll { $0.reason.hasSuffix(Self.beforeFirstFrom) }
        let reason =
            instructions.isEmpty ? "the Dockerfile is empty" : "the Dockerfile has no FROM"
        problems.append(DockerProblem(line: nil, reason: reason, fix: "start it with FROM IMAGE"))
    }

    /// Starts a stage and returns its initial variables.
    private mutating func begin(
        _ from: DockerInstruction, _ global: DockerScope
    ) throws(DockerProblem) -> DockerScope {
        guard stages.count < DockerfileLimit.stages else {
            throw .limit(
                "more than \(DockerfileLimit.stages) stages", line: from.line,
                "build some of them as separate images")
        }
        let baseName = from.arguments.first ?? ""
        let base =
            try expanded(baseName, in: global, from.line) ?? ExpandedWord(text: baseName, certainty: .unknown)
        let name = from.arguments.count == 3 ? from.arguments[2].lowercased() : nil
        let parent = names[base.text.lowercased()]
        if base.text.isEmpty, !baseName.isEmpty {
            problems.append(
                DockerProblem(
                    line: from.line, reason: "the base image \(baseName) is empty: no ARG sets its value",
                    fix: "declare it before FROM: ARG NAME=IMAGE", isCertain: base.certainty == .certain))
        }
        if let name { names[name] = stages.count }
        stages.append(DockerStage(line: from.line, name: name, base: base, parent: parent))
        if let parent { return finalScopes[parent] }
        return DockerScope(escape: escape, unsetValue: base.text == "scratch" ? .unset : .unknown)
    }

    private mutating func apply(
        _ instruction: DockerInstruction, into scope: inout DockerScope, global: DockerScope?
    ) throws(DockerProblem) {
        guard ["ENV", "ARG"].contains(instruction.keyword) else { return }
        assignmentCount += instruction.variables.count
        guard assignmentCount <= DockerfileLimit.variables else {
            throw .limit(
                "ENV and ARG set more than \(DockerfileLimit.variables) values", line: instruction.line,
                "put the values in a file and COPY it")
        }
        do throws(ShellLexer.LexerError) {
            try scope.apply(instruction, global: global, expandedBytes: &expandedBytes)
        } catch { throw Self.limit(error, instruction.line) }
        try checkExpandedBytes(instruction.line)
    }

    /// Expands what the checks will expand, only to count the bytes.
    private mutating func measureExpansions(
        _ instruction: DockerInstruction, in scope: DockerScope
    ) throws(DockerProblem) {
        let isScript = ["RUN", "CMD", "ENTRYPOINT", "SHELL", "HEALTHCHECK"].contains(instruction.keyword)
        let words = instruction.flags.compactMap(\.value) + (isScript ? [] : instruction.arguments)
        for word in words where word.utf8.contains(.dollar) {
            _ = try expanded(word, in: scope, instruction.line)
        }
    }

    /// Returns the expanded word; `nil` if it cannot be parsed.
    private mutating func expanded(
        _ word: String, in scope: DockerScope, _ line: Int
    ) throws(DockerProblem) -> ExpandedWord? {
        do throws(ShellLexer.LexerError) {
            let expanded = try scope.expanded(word, expandedBytes: &expandedBytes)
            try Self.checkExpansion(expandedBytes)
            return expanded
        } catch {
            guard error.isLimit else { return nil }
            throw Self.limit(error, line)
        }
    }

    private static func checkExpansion(_ expandedBytes: Int) throws(ShellLexer.LexerError) {
        if expandedBytes > DockerfileLimit.totalExpansion { throw .tooLong }
    }

    private func checkExpandedBytes(_ line: Int) throws(DockerProblem) {
        do throws(ShellLexer.LexerError) { try Self.checkExpansion(expandedBytes) } catch {
            throw Self.limit(error, line)
        }
    }

    private static func limit(_ error: ShellLexer.LexerError, _ line: Int) -> DockerProblem {
        error == .tooDeep
            ? .limit(
                "variables are nested more than \(DockerfileLimit.depth) levels deep", line: line,
                "set the default in a separate ARG")
            : .limit(
                "variables expand to more than 64 KiB in one word, or 4 MiB in total", line: line,
                "use shorter values that do not repeat other variables")
    }
}

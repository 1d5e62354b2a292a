/// A Dockerfile as BuildKit reads it (https://docs.docker.com/reference/dockerfile/, moby/buildkit
/// `frontend/dockerfile`): instructions, stages, and what would surely be refused. Never refuses what BuildKit takes.
package struct Dockerfile: Hashable, Sendable {
    package private(set) var instructions: [DockerInstruction] = []
    package private(set) var stages: [DockerStage] = []
    package private(set) var problems: [DockerProblem] = []
    /// `# syntax=` and its like, by name.
    package private(set) var directives: [String: String] = [:]

    package static func read(_ bytes: [UInt8]) -> Dockerfile { Dockerfile(bytes) }

    private init(_ bytes: [UInt8]) {
        var lines = LogicalLines(bytes)
        while let line = lines.next() { take(line, &lines) }
        directives = lines.directives.values
        problems = lines.directives.problems + problems
        arrange(escape: lines.directives.escape)
        problems.sort { ($0.line ?? 0) < ($1.line ?? 0) }
        // Another frontend has another grammar.
        if !isOrdinary { problems = [] }
    }

    private mutating func take(_ line: LogicalLines.Line, _ lines: inout LogicalLines) {
        var reader = InstructionReader(escape: lines.directives.escape)
        var instruction = reader.read(line)
        problems += reader.problems
        if reader.problems.isEmpty { problems += InstructionRules.problems(of: instruction) }
        if instruction.mayHoldHeredocs { takeHeredocs(line, &instruction, &lines) }
        instructions.append(instruction)
    }

    private mutating func takeHeredocs(
        _ line: LogicalLines.Line, _ instruction: inout DockerInstruction, _ lines: inout LogicalLines
    ) {
        for var heredoc in Heredoc.all(in: line.text) {
            guard let text = lines.heredoc(Array(heredoc.name.utf8), stripsTabs: heredoc.stripsTabs) else {
                problems.append(
                    DockerProblem(
                        line: line.number, reason: "unterminated heredoc: no line is \(heredoc.name) alone",
                        mend: "end it with a line that holds \(heredoc.name) and nothing else"))
                break
            }
            heredoc.lines = text.map(\.text)
            instruction.heredocs.append(heredoc)
        }
        instruction.lastLine = lines.count
    }

    private static let early = "stands before the first FROM"

    private mutating func arrange(escape: UInt8) {
        let global = globalScope(escape)
        var scope = global
        for instruction in instructions {
            if instruction.keyword == "FROM" {
                scope = begin(instruction, global)
            } else if !stages.isEmpty {
                stages[stages.count - 1].steps.append(DockerStep(instruction: instruction, scope: scope))
                if ["ENV", "ARG"].contains(instruction.keyword) { scope.take(instruction, global: global) }
            } else if instruction.keyword != "ARG", InstructionRules.keywords.contains(instruction.keyword) {
                problems.append(
                    DockerProblem(
                        line: instruction.line, reason: "\(instruction.keyword) \(Self.early)",
                        mend: "begin with FROM IMAGE; only ARG may stand before it"))
            }
        }
        guard stages.isEmpty else { return }
        // One thing to say, not the same for every line.
        problems.removeAll { $0.reason.hasSuffix(Self.early) }
        let reason =
            instructions.isEmpty ? "the Dockerfile is empty" : "there is no FROM, so nothing to build"
        problems.append(DockerProblem(line: nil, reason: reason, mend: "begin it with FROM IMAGE"))
    }

    private func globalScope(_ escape: UInt8) -> DockerScope {
        var scope = DockerScope.global(escape: escape)
        for instruction in instructions.prefix(while: { $0.keyword != "FROM" })
        where instruction.keyword == "ARG" {
            scope.take(instruction)
        }
        return scope
    }

    /// Opens a stage; what its variables are at its start.
    private mutating func begin(_ from: DockerInstruction, _ global: DockerScope) -> DockerScope {
        let written = from.arguments.first ?? ""
        let base = global.expanded(written) ?? ExpandedWord(text: written, certainty: .unknown)
        let name = from.arguments.count == 3 ? from.arguments[2].lowercased() : nil
        let parent = stages.lastIndex { $0.name == base.text.lowercased() }
        if base.text.isEmpty, !written.isEmpty {
            problems.append(
                DockerProblem(
                    line: from.line, reason: "the base image \(written) is blank: nothing gives it a value",
                    mend: "declare it before FROM: ARG NAME=IMAGE", isCertain: base.certainty == .certain))
        }
        stages.append(DockerStage(line: from.line, name: name, base: base, parent: parent))
        var scope = DockerScope(escape: global.escape, missing: base.text == "scratch" ? .unset : .unknown)
        if let parent { scope = endScope(of: parent, global) }
        return scope
    }

    private func endScope(of stage: Int, _ global: DockerScope) -> DockerScope {
        let steps = stages[stage].steps
        guard let last = steps.last else {
            let base = stages[stage].parent.map { endScope(of: $0, global) }
            return base ?? DockerScope(escape: global.escape, missing: .unknown)
        }
        var scope = last.scope
        if ["ENV", "ARG"].contains(last.instruction.keyword) { scope.take(last.instruction, global: global) }
        return scope
    }

    private var isOrdinary: Bool {
        guard let syntax = directives["syntax"] else { return true }
        let image = syntax.split { " :@".contains($0) }.first.map(String.init) ?? ""
        return ["docker/dockerfile", "docker/dockerfile-upstream"].contains {
            image == $0 || image == "docker.io/\($0)"
        }
    }
}

extension DockerInstruction {
    fileprivate var mayHoldHeredocs: Bool {
        let inner = keyword == "ONBUILD" ? triggers.first ?? self : self
        return ["ADD", "COPY", "RUN"].contains(inner.keyword) && inner.json == nil && text.contains("<<")
    }
}

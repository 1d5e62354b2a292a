import TextTools

/// A Dockerfile as BuildKit reads it (https://docs.docker.com/reference/dockerfile/, moby/buildkit
/// `frontend/dockerfile`): instructions, stages, and certain errors. Never reports an error for
/// what BuildKit accepts.
package struct Dockerfile: Hashable, Sendable {
    package private(set) var instructions: [DockerInstruction] = []
    package private(set) var stages: [DockerStage] = []
    package private(set) var problems: [DockerProblem] = []
    /// Parser directives such as `# syntax=`, by name.
    package private(set) var directives: [String: String] = [:]
    /// Set if the Dockerfile exceeds a limit; it has no stages then.
    package private(set) var exceededLimit: DockerProblem?

    package static func read(_ bytes: [UInt8]) -> Dockerfile { Dockerfile(bytes) }

    private init(_ bytes: [UInt8]) {
        do throws(DockerProblem) { try read(bytes) } catch {
            (stages, problems, exceededLimit) = ([], [error], error)
        }
    }

    private mutating func read(_ bytes: [UInt8]) throws(DockerProblem) {
        guard bytes.count <= DockerfileLimit.size else {
            throw .limit(
                "the Dockerfile has \(bytes.count.asSize); at most 1 MiB is read",
                "move what is in it to files of their own, and COPY them")
        }
        var lines = LogicalLines(bytes)
        while let line = lines.next() {
            guard instructions.count < DockerfileLimit.instructions else {
                throw .limit(
                    "more than \(DockerfileLimit.instructions) instructions", line: line.number,
                    "combine instructions, or split the Dockerfile into images")
            }
            parseInstruction(line, &lines)
        }
        directives = lines.directives.values
        var reader = StageReader(escape: lines.directives.escape)
        try reader.read(instructions)
        stages = reader.stages
        // Another frontend has another grammar.
        guard isOrdinary else { return problems = [] }
        problems += lines.directives.problems + reader.problems + lines.tooLong.map(Self.tooLong)
        problems.sort { ($0.line ?? 0) < ($1.line ?? 0) }
    }

    private static func tooLong(_ line: Int) -> DockerProblem {
        DockerProblem(
            line: line,
            reason: "dockerfile line greater than maximum allowed size of \(DockerfileLimit.line)",
            fix: "break the line with \\, or move its text to a file")
    }

    private mutating func parseInstruction(_ line: LogicalLines.Line, _ lines: inout LogicalLines) {
        var reader = InstructionParser(escape: lines.directives.escape)
        var instruction = reader.read(line)
        problems += reader.problems
        if reader.problems.isEmpty { problems += InstructionRules.problems(of: instruction) }
        if instruction.allowsHeredocs { readHeredocs(line, &instruction, &lines) }
        instructions.append(instruction)
    }

    private mutating func readHeredocs(
        _ line: LogicalLines.Line, _ instruction: inout DockerInstruction, _ lines: inout LogicalLines
    ) {
        for var heredoc in Heredoc.all(in: line.text) {
            guard let text = lines.heredoc(Array(heredoc.name.utf8), stripsTabs: heredoc.stripsTabs) else {
                problems.append(
                    DockerProblem(
                        line: line.number, reason: "unterminated heredoc: no line is \(heredoc.name) alone",
                        fix: "end it with a line that holds \(heredoc.name) and nothing else"))
                break
            }
            heredoc.lines = text.map(\.text)
            instruction.heredocs.append(heredoc)
        }
        instruction.lastLine = lines.count
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
    fileprivate var allowsHeredocs: Bool {
        let inner = keyword == "ONBUILD" ? triggers.first ?? self : self
        return ["ADD", "COPY", "RUN"].contains(inner.keyword) && inner.json == nil && text.contains("<<")
    }
}

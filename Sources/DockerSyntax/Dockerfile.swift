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
                "the Dockerfile is \(bytes.count.asSize); the limit is 1 MiB",
                "move parts of it to separate files and COPY them")
        }
        var lines = LogicalLines(bytes)
        while let line = lines.next() {
            guard instructions.count < DockerfileLimit.instructions else {
                throw .limit(
                    "more than \(DockerfileLimit.instructions) instructions", line: line.number,
                    "combine instructions, or split the Dockerfile into several images")
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
            fix: "split the line with \\, or move its text to a file")
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
                        line: line.number,
                        reason: "unterminated heredoc: no line contains only \(heredoc.name)",
                        fix: "end it with a line that contains only \(heredoc.name)"))
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

extension Dockerfile {
    /// The stages that the final image is based on, the first base first and the last stage last.
    package var finalStages: [DockerStage] {
        var chain: [DockerStage] = []
        var next = stages.indices.last
        while let index = next, chain.count <= stages.count {
            chain.append(stages[index])
            next = stages[index].parent
        }
        return chain.reversed()
    }

    /// The instructions of the final image, in order.
    package var finalSteps: [DockerStep] { finalStages.flatMap(\.steps) }

    /// The TCP port ranges that the image exposes, as written, each with its line; `nil` if one of
    /// them cannot be resolved.
    package var exposedPorts: [(range: ClosedRange<Int>, line: Int)]? {
        var ports: [(range: ClosedRange<Int>, line: Int)] = []
        for step in finalSteps where step.instruction.keyword == "EXPOSE" {
            for word in step.instruction.arguments {
                guard let text = step.expanded(word), text.certainty > .unknown else { return nil }
                for part in text.text.split(separator: " ") {
                    guard let portRanges = Self.ports(String(part)) else { return nil }
                    ports += portRanges.map { (range: $0, line: step.instruction.line) }
                }
            }
        }
        return ports
    }

    /// The only port that the image exposes; `nil` if there is none, if there are several, or if it
    /// depends on a variable without a value.
    package var exposedPort: Int? {
        let ranges = Set((exposedPorts ?? []).map(\.range))
        guard let range = ranges.first, ranges.count == 1, range.count == 1 else { return nil }
        return range.lowerBound
    }

    /// Parses `8000`, `8000/tcp` or `8000-8005`; returns no range for other protocols, and `nil` if
    /// the text is invalid.
    private static func ports(_ text: String) -> [ClosedRange<Int>]? {
        let parts = text.lowercased().split(separator: "/", maxSplits: 1)
        guard let first = parts.first else { return nil }
        if parts.count == 2, parts[1] != "tcp" { return [] }
        let bounds = first.split(separator: "-").map { Int($0) }
        guard let low = bounds.first ?? nil, let high = bounds.last ?? nil, bounds.count < 3, low <= high,
            low > 0, high < 65_536
        else { return nil }
        return [low...high]
    }

    /// The images that the build pulls, in order, each once with its first line; without stages and
    /// `scratch`.
    package var baseImages: [DockerImage] {
        var seenNames: Set<String> = []
        return stages.filter { $0.parent == nil && $0.base.text != "scratch" && !$0.base.text.isEmpty }
            .filter { seenNames.insert($0.base.text).inserted }
            .map { DockerImage(line: $0.line, name: $0.base.text, isKnown: $0.base.certainty > .unknown) }
    }
}

/// The image of a FROM.
package struct DockerImage: Hashable, Sendable {
    package var line: Int
    /// With variables expanded; as written if one of them has no value.
    package var name: String
    package var isKnown: Bool

    /// The text after the last colon of the last path component; `nil` if there is no tag.
    package var tag: String? {
        guard !name.contains("@"), let last = name.split(separator: "/").last,
            let colon = last.lastIndex(of: ":")
        else { return nil }
        return String(last[last.index(after: colon)...])
    }

    /// Whether the image has a digest, so that it never changes.
    package var isPinned: Bool { name.contains("@") }
}

/// A here-document of an instruction: `RUN <<EOF`.
package struct Heredoc: Hashable, Sendable {
    package var name: String
    /// `<<-`: leading tabs of its lines are removed.
    package var stripsTabs: Bool
    package var lines: [String] = []

    /// Parses the start of a heredoc: optional digits, `<<` or `<<-`, and a name that may be
    /// quoted; `nil` for other words.
    package init?(word: some Collection<UInt8>) {
        let marker: [UInt8] = [UInt8(ascii: "<"), UInt8(ascii: "<")]
        var remaining = Array(word)[...].drop(while: \.isDigit)
        guard remaining.starts(with: marker) else { return nil }
        remaining = remaining.dropFirst(2)
        stripsTabs = remaining.first == .dash
        remaining = remaining.dropFirst(stripsTabs ? 1 : 0).trimmingStart
        guard !remaining.isEmpty, !remaining.contains(UInt8(ascii: "<")) else { return nil }
        var lexer = ShellLexer()
        guard let words = try? lexer.words(Array(remaining)), words.count == 1, let first = words.first else {
            return nil
        }
        name = first.text
    }

    /// Returns all heredocs that a line starts, in order; none if its quotes are not closed.
    static func all(in line: [UInt8]) -> [Heredoc] {
        var lexer = ShellLexer(preservesQuotes: true, preservesEscapes: true)
        guard let words = try? lexer.words(line) else { return [] }
        return words.compactMap { Heredoc(word: $0) }
    }
}

import TextTools

/// Parses one instruction from its joined line, and collects the errors that BuildKit would report
/// (moby/buildkit `frontend/dockerfile/instructions/parse.go`).
struct InstructionParser {
    let escape: UInt8
    private(set) var problems: [DockerProblem] = []
    private var line = 0

    init(escape: UInt8) { self.escape = escape }

    mutating func read(_ logical: LogicalLines.Line) -> DockerInstruction {
        line = logical.number
        return instruction(logical.text[...], last: logical.last, isTrigger: false)
    }

    private mutating func instruction(
        _ text: ArraySlice<UInt8>, last: Int, isTrigger: Bool
    ) -> DockerInstruction {
        let trimmed = text.trimmingSpaces
        let keyword = trimmed.prefix { !$0.isSpace }
        let split = DockerWords(escape: escape).flags(trimmed.dropFirst(keyword.count))
        var instruction = DockerInstruction(line: line, lastLine: last, keyword: keyword.text.uppercased())
        instruction.flags = split.flags.map { flag in
            let parts = flag.dropFirst(2).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return DockerFlag(name: String(parts[0]), value: parts.count > 1 ? String(parts[1]) : nil)
        }
        instruction.text = split.rest.text
        // Only ONBUILD nests instructions, one level deep.
        if isTrigger, instruction.keyword == "ONBUILD" { return instruction }
        parseArguments(&instruction, Array(split.rest)[...])
        return instruction
    }

    private mutating func parseArguments(
        _ instruction: inout DockerInstruction, _ remaining: ArraySlice<UInt8>
    ) {
        switch instruction.keyword {
        case "COPY", "ADD", "VOLUME":
            instruction.arguments =
                json(remaining, into: &instruction) ?? remaining.whitespaceSeparated.map(\.text)
        case "FROM", "EXPOSE": instruction.arguments = remaining.whitespaceSeparated.map(\.text)
        case "RUN", "CMD", "ENTRYPOINT", "SHELL":
            instruction.arguments =
                json(remaining, into: &instruction) ?? (remaining.isEmpty ? [] : [remaining.text])
        case "HEALTHCHECK":
            let kind = remaining.prefix { !$0.isSpace }
            let command = remaining.dropFirst(kind.count).trimmingStart
            let arguments = json(command, into: &instruction) ?? (command.isEmpty ? [] : [command.text])
            instruction.arguments = (kind.isEmpty ? [] : [kind.text]) + arguments
        case "ENV", "LABEL": parsePairs(remaining, &instruction)
        case "ARG":
            instruction.variables = DockerWords(escape: escape).quotedWords(remaining).map(Self.variable)
        case "ONBUILD":
            guard !remaining.isEmpty else { return }
            instruction.triggers = [self.instruction(remaining, last: instruction.lastLine, isTrigger: true)]
        default: instruction.arguments = remaining.isEmpty ? [] : [remaining.text]
        }
    }

    private mutating func json(_ text: ArraySlice<UInt8>, into instruction: inout DockerInstruction)
        -> [String]?
    {
        switch DockerJSON(text) {
        case .none: return nil
        case .strings(let items):
            instruction.json = items
            return items
        case .otherValues:
            addProblem(
                "the JSON form of \(instruction.keyword) may hold strings only",
                "put every item into double quotes")
            return nil
        }
    }

    /// Parses `NAME value`, where the value is the rest of the line, or `NAME=value NAME=value …`.
    private mutating func parsePairs(_ remaining: ArraySlice<UInt8>, _ instruction: inout DockerInstruction) {
        let words = DockerWords(escape: escape).quotedWords(remaining)
        guard let first = words.first else { return }
        if !first.contains(.equals) {
            let name = remaining.prefix { !$0.isSpace }
            let value = remaining.dropFirst(name.count).trimmingStart
            if value.isEmpty {
                return addProblem(
                    "\(instruction.keyword) must have two arguments",
                    "write \(instruction.keyword) NAME=value")
            }
            instruction.variables = [DockerVariable(name: name.text, value: value.text)]
            return
        }
        for word in words.lazy.filter({ !$0.contains(.equals) }).prefix(20) {
            addProblem(
                "can't find = in \u{201C}\(word.text)\u{201D}: \(instruction.keyword) takes NAME=value",
                "put a value with spaces into quotes")
        }
        instruction.variables = words.filter { $0.contains(.equals) }.map(Self.variable)
        if instruction.variables.contains(where: \.name.isEmpty) {
            addProblem("\(instruction.keyword) names can not be blank", "write NAME=value")
        }
    }

    private static func variable(_ word: [UInt8]) -> DockerVariable {
        guard let equalsSign = word.firstIndex(of: .equals) else {
            return DockerVariable(name: word.text, value: nil)
        }
        return DockerVariable(name: word[..<equalsSign].text, value: word[(equalsSign + 1)...].text)
    }

    private mutating func addProblem(_ reason: String, _ fix: String) {
        problems.append(DockerProblem(line: line, reason: reason, fix: fix))
    }
}

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
                "the JSON form of \(instruction.keyword) can contain only strings",
                "put every item in double quotes")
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
                    "use \(instruction.keyword) NAME=value")
            }
            instruction.variables = [DockerVariable(name: name.text, value: value.text)]
            return
        }
        for word in words.lazy.filter({ !$0.contains(.equals) }).prefix(20) {
            addProblem(
                "can't find = in \u{201C}\(word.text)\u{201D}: \(instruction.keyword) requires NAME=value",
                "put a value with spaces in quotes")
        }
        instruction.variables = words.filter { $0.contains(.equals) }.map(Self.variable)
        if instruction.variables.contains(where: \.name.isEmpty) {
            addProblem("\(instruction.keyword) names can not be blank", "use NAME=value")
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

/// The JSON form of an instruction. BuildKit reads text that is not JSON as a shell command; JSON
/// other than an array of strings is an error.
enum DockerJSON: Hashable, Sendable {
    case strings([String])
    case otherValues
    case none

    init(_ text: ArraySlice<UInt8>) {
        guard text.first == UInt8(ascii: "[") else {
            self = .none
            return
        }
        guard case .array(let items) = JSON(Array(text)) else {
            self = .none
            return
        }
        let strings = items.compactMap(\.string)
        self = strings.count == items.count ? .strings(strings) : .otherValues
    }
}

/// Splits the text of an instruction as BuildKit does (moby/buildkit `parser/split_command.go`,
/// `line_parsers.go`).
struct DockerWords {
    let escape: UInt8

    /// Returns the leading flags, with quotes and escapes removed, and the text after them.
    func flags(_ line: ArraySlice<UInt8>) -> (flags: [String], rest: ArraySlice<UInt8>) {
        var (flags, remaining): ([String], ArraySlice<UInt8>) = ([], line.trimmingStart)
        while remaining.starts(with: [.dash, .dash]) {
            let word = plainWord(&remaining)
            remaining = remaining.trimmingStart
            if word.elementsEqual([.dash, .dash]) { break }
            flags.append(word.text)
        }
        return (flags, remaining.trimmingSpaces)
    }

    /// Reads up to the next blank outside quotes.
    private func plainWord(_ remaining: inout ArraySlice<UInt8>) -> [UInt8] {
        var (word, quote): ([UInt8], UInt8?) = ([], nil)
        while let byte = remaining.first {
            if quote == nil, byte.isSpace { break }
            remaining.removeFirst()
            if byte == quote {
                quote = nil
            } else if quote == nil, byte == .quote || byte == .doubleQuote {
                quote = byte
            } else if byte == escape {
                if let escaped = remaining.popFirst() { word.append(escaped) }
            } else {
                word.append(byte)
            }
        }
        return word
    }

    /// Returns the words with quotes and escapes as written, as ENV, LABEL and ARG are split.
    func quotedWords(_ line: ArraySlice<UInt8>) -> [[UInt8]] {
        var words: [[UInt8]] = []
        var remaining = line.trimmingStart
        while !remaining.isEmpty {
            words.append(quotedWord(&remaining))
            remaining = remaining.trimmingStart
        }
        return words.filter { !$0.isEmpty }
    }

    private func quotedWord(_ remaining: inout ArraySlice<UInt8>) -> [UInt8] {
        var (word, quote): ([UInt8], UInt8?) = ([], nil)
        while let byte = remaining.first {
            if quote == nil, byte.isSpace { break }
            remaining.removeFirst()
            if byte == escape, quote != .quote {
                guard let escaped = remaining.popFirst() else { break }
                word += [byte, escaped]
                continue
            }
            if byte == quote {
                quote = nil
            } else if quote == nil, byte == .quote || byte == .doubleQuote {
                quote = byte
            }
            word.append(byte)
        }
        return word
    }
}

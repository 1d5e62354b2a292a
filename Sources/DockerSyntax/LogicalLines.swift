import TextTools

/// The instructions of a Dockerfile as text: parser directives read, comments dropped, continued lines joined, heredocs
/// taken in (moby/buildkit `frontend/dockerfile/parser/parser.go`).
struct LogicalLines {
    struct Line: Hashable, Sendable {
        var number: Int
        var last: Int
        var text: [UInt8]
    }

    private var remaining: ArraySlice<UInt8>
    private(set) var count = 0
    private(set) var directives = DockerDirectives()
    /// Lines that are longer than BuildKit reads.
    private(set) var tooLong: [Int] = []

    init(_ bytes: [UInt8]) {
        remaining = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes.dropFirst(3) : bytes[...]
    }

    /// The next physical line, without its end.
    mutating func nextPhysicalLine() -> ArraySlice<UInt8>? {
        guard !remaining.isEmpty else { return nil }
        count += 1
        let end = remaining.firstIndex(of: .newline) ?? remaining.endIndex
        var line = remaining[..<end]
        remaining = remaining[min(end + 1, remaining.endIndex)...]
        if line.count > DockerfileLimit.line { tooLong.append(count) }
        while line.last == .carriageReturn { line.removeLast() }
        return line
    }

    mutating func next() -> Line? {
        while let raw = nextPhysicalLine() {
            let line = raw.trimmingStart
            directives.parseDirective(at: line, number: count)
            guard line.first != .hash else { continue }
            let number = count
            var (text, continues) = joined(line)
            if text.isEmpty, !continues { continue }
            while continues, let more = nextPhysicalLine() {
                let trimmed = more.trimmingStart
                if trimmed.isEmpty || trimmed.first == .hash { continue }
                let (part, goesOn) = joined(more)
                text += part
                continues = goesOn
            }
            guard !text.isEmpty else { continue }
            return Line(number: number, last: count, text: text)
        }
        return nil
    }

    /// The line without an escape character at its end, and whether there was one: it stands alone, or behind another
    /// byte than itself.
    private func joined(_ line: ArraySlice<UInt8>) -> ([UInt8], Bool) {
        var end = line
        while let last = end.last, last.isBlank { end.removeLast() }
        guard end.last == directives.escape else { return (Array(line), false) }
        end.removeLast()
        return end.last == directives.escape ? (Array(line), false) : (Array(end), true)
    }

    /// The lines of a heredoc up to its name; nil when the file ends before.
    mutating func heredoc(_ name: [UInt8], stripsTabs: Bool) -> [[UInt8]]? {
        var lines: [[UInt8]] = []
        while let line = nextPhysicalLine() {
            let text = stripsTabs ? line.drop { $0 == .tab } : line
            if text.elementsEqual(name) { return lines }
            lines.append(Array(text))
        }
        return nil
    }
}

/// `# syntax=`, `# escape=` and `# check=` at the top of a Dockerfile, before anything else.
struct DockerDirectives: Hashable, Sendable {
    private(set) var values: [String: String] = [:]
    private(set) var problems: [DockerProblem] = []
    private(set) var escape = UInt8.backslash
    private var isFinished = false

    mutating func parseDirective(at line: ArraySlice<UInt8>, number: Int) {
        guard !isFinished, let (name, value) = Self.directive(line) else {
            isFinished = true
            return
        }
        if values.updateValue(value, forKey: name) != nil {
            problems.append(
                DockerProblem(
                    line: number, reason: "only one \(name) parser directive can be used",
                    fix: "take this line out"))
        }
        guard name == "escape" else { return }
        guard value == "`" || value == "\\" else {
            problems.append(
                DockerProblem(
                    line: number, reason: "the escape character \u{201C}\(value)\u{201D} is neither ` nor \\",
                    fix: "write # escape=`"))
            return
        }
        escape = value == "`" ? UInt8(ascii: "`") : .backslash
    }

    private static func directive(_ line: ArraySlice<UInt8>) -> (String, String)? {
        guard line.first == .hash else { return nil }
        let text = line.dropFirst().trimmingStart
        let name = text.prefix { $0.isLetter || $0.isDigit }
        let behind = text.dropFirst(name.count).trimmingStart
        let value = behind.dropFirst().trimmingSpaces
        let known = ["syntax", "escape", "check"]
        let key = name.text.lowercased()
        guard behind.first == UInt8(ascii: "="), !value.isEmpty, known.contains(key) else { return nil }
        return (key, value.text)
    }
}

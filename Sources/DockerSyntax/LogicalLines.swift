import TextTools

/// The instructions of a Dockerfile as text: parser directives are evaluated, comments removed,
/// continuation lines joined, and heredocs included (moby/buildkit
/// `frontend/dockerfile/parser/parser.go`).
struct LogicalLines {
    struct Line: Hashable, Sendable {
        var number: Int
        var last: Int
        var text: [UInt8]
    }

    private var remaining: ArraySlice<UInt8>
    private(set) var count = 0
    private(set) var directives = DockerDirectives()
    /// Numbers of the lines that exceed BuildKit's limit.
    private(set) var tooLong: [Int] = []

    init(_ bytes: [UInt8]) {
        remaining = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes.dropFirst(3) : bytes[...]
    }

    /// Returns the next physical line, without its line end.
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
            while continues, let nextLine = nextPhysicalLine() {
                let trimmed = nextLine.trimmingStart
                if trimmed.isEmpty || trimmed.first == .hash { continue }
                let (part, partContinues) = joined(nextLine)
                text += part
                continues = partContinues
            }
            guard !text.isEmpty else { continue }
            return Line(number: number, last: count, text: text)
        }
        return nil
    }

    /// Returns the line without a trailing escape character, and whether there was one. An escape
    /// character counts only if it is not preceded by another one.
    private func joined(_ line: ArraySlice<UInt8>) -> ([UInt8], Bool) {
        var end = line
        while let last = end.last, last.isBlank { end.removeLast() }
        guard end.last == directives.escape else { return (Array(line), false) }
        end.removeLast()
        return end.last == directives.escape ? (Array(line), false) : (Array(end), true)
    }

    /// Returns the lines of a heredoc up to its name; `nil` if the file ends before it.
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

/// The parser directives `# syntax=`, `# escape=` and `# check=` at the top of a Dockerfile.
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
                    fix: "remove this line"))
        }
        guard name == "escape" else { return }
        guard value == "`" || value == "\\" else {
            problems.append(
                DockerProblem(
                    line: number, reason: "the escape character \u{201C}\(value)\u{201D} must be ` or \\",
                    fix: "use # escape=`"))
            return
        }
        escape = value == "`" ? UInt8(ascii: "`") : .backslash
    }

    private static func directive(_ line: ArraySlice<UInt8>) -> (String, String)? {
        guard line.first == .hash else { return nil }
        let text = line.dropFirst().trimmingStart
        let name = text.prefix { $0.isLetter || $0.isDigit }
        let afterName = text.dropFirst(name.count).trimmingStart
        let value = afterName.dropFirst().trimmingSpaces
        let known = ["syntax", "escape", "check"]
        let key = name.text.lowercased()
        guard afterName.first == UInt8(ascii: "="), !value.isEmpty, known.contains(key) else { return nil }
        return (key, value.text)
    }
}

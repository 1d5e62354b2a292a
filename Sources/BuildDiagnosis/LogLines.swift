import TextTools

/// A log line prepared for matching: at most 2,000 bytes, every quotation mark as `'`, and a copy in ASCII
/// lower case.
struct NormalizedLine: Sendable {
    let text: String
    /// The bytes with `'` for all quotation marks, in their original case.
    let bytes: [UInt8]
    let isFromHub: Bool
    private let lowered: [UInt8]
    private let pairs: BytePairs

    /// The rest of a longer line is not searched.
    private static let maxLength = 2_000

    init(_ text: String, isFromHub: Bool = false, ignoresCase: Bool = true) {
        self.text = text.utf8.count <= Self.maxLength ? text : text.utf8.prefix(Self.maxLength).text
        bytes = Self.withPlainQuotes(self.text.utf8)
        lowered = ignoresCase ? bytes.map(\.lowered) : bytes
        pairs = BytePairs(lowered)
        self.isFromHub = isFromHub
    }

    /// Returns the index of the first occurrence of bytes in lower case; `nil` if there is none.
    func firstIndex(of part: [UInt8], _ partPairs: BytePairs, from start: Int = 0) -> Int? {
        guard pairs.contains(partPairs) else { return nil }
        return lowered.withUnsafeBufferPointer { line in
            part.withUnsafeBufferPointer { part in
                guard let first = part.first, line.count - start >= part.count else { return nil }
                for index in start...(line.count - part.count) where line[index] == first {
                    var length = 1
                    while length < part.count, line[index + length] == part[length] { length += 1 }
                    if length == part.count { return index }
                }
                return nil
            }
        }
    }

    func has(_ pattern: LinePattern) -> Bool { pattern.matches(self) }

    /// Whether the line is marked as a warning, not an error.
    var isWarning: Bool { has(Self.warnings) }

    private static let warnings: LinePattern = [
        "warning:|deprecat|futurewarning|userwarning|warn]| warn |level=warn|'warn'|[warning]|warning  ",
        LinePattern(verbatim: "| warn"),
    ]

    /// Replaces `"`, `` ` ``, `‘` and `’`, also after a backslash, by `'`.
    static func withPlainQuotes(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        for byte in bytes {
            if byte == .quote || byte == .doubleQuote || byte == UInt8(ascii: "`") {
                while result.last == .backslash { result.removeLast() }
                result.append(.quote)
            } else if byte == 0x98 || byte == 0x99, result.suffix(2) == [0xe2, 0x80] {
                result.replaceSubrange(result.count - 2..<result.count, with: CollectionOfOne(.quote))
            } else {
                result.append(byte)
            }
        }
        return result
    }
}

/// The pairs of adjacent bytes in a text, as a Bloom filter of 256 bits: it recognises most texts that do not
/// occur in a line without a search.
struct BytePairs: Sendable {
    private var bits: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    init(_ bytes: [UInt8]) {
        for (byte, next) in zip(bytes, bytes.dropFirst()) {
            let hash = byte &* 31 &+ next
            let bit: UInt64 = 1 << UInt64(hash & 63)
            switch hash >> 6 {
            case 0: bits.0 |= bit
            case 1: bits.1 |= bit
            case 2: bits.2 |= bit
            default: bits.3 |= bit
            }
        }
    }

    func contains(_ other: BytePairs) -> Bool {
        other.bits.0 & ~bits.0 == 0 && other.bits.1 & ~bits.1 == 0 && other.bits.2 & ~bits.2 == 0
            && other.bits.3 & ~bits.3 == 0
    }
}

/// The steps of a build log: `--> RUN make`, each followed by its output.
struct BuildSteps {
    private let lines: [String]
    /// The index of the failing step; `nil` if the log has no steps.
    private let start: Int?
    private let failedCommand: String?

    init(_ lines: [String]) {
        self.lines = lines
        let steps = lines.indices.filter { lines[$0].hasPrefix("--> ") && !Self.isBuilderMessage(lines[$0]) }
        let command = Self.command(failedIn: lines.suffix(40))
        let named = command.flatMap { command in steps.last { lines[$0].contains(command.prefix(60)) } }
        (start, failedCommand) = (named ?? steps.last, command)
    }

    /// The output of the failing step and everything after it. Earlier steps succeeded, whatever
    /// they printed.
    var failedOutput: ArraySlice<String> { lines[(start ?? lines.startIndex)...] }

    /// Returns the failing step, preferably as the failure message names it: stages are built in
    /// parallel, so the last step in the log need not be the one that failed.
    func failedStep(message: String?) -> String? {
        let messageLines = (message ?? "").split(whereSeparator: \.isNewline).map(String.init)
        if let command = failedCommand ?? Self.command(failedIn: messageLines) {
            return "RUN " + command.prefix(300)
        }
        return start.map { String(lines[$0].dropFirst(4)) }
    }

    /// The first line of the failing step that reports an error.
    var firstError: String? {
        var summary: String?
        for line in failedOutput.dropFirst(start == nil ? 0 : 1) where Self.isError(line) {
            if !Self.isSummary(line) { return line }
            summary = summary ?? line
        }
        return summary ?? start.flatMap { lines[...$0].last(where: Self.isError) }
    }

    private static func command(failedIn lines: some BidirectionalCollection<String>) -> String? {
        lines.last { $0.contains("did not complete successfully") }?
            .after("process \"/bin/sh -c ")?.before("\" did not complete")
    }

    /// Whether the line is a message of the builder between steps, not a step.
    private static func isBuilderMessage(_ line: String) -> Bool {
        ["--> ERROR", "--> Restoring cache", "--> Exporting cache"].contains { line.hasPrefix($0) }
    }

    private static func isSummary(_ line: String) -> Bool { line.contains("did not complete successfully") }

    static func isError(_ line: String) -> Bool {
        let line = NormalizedLine(line)
        return line.has(errors) && !line.isWarning && !line.has(noErrors)
    }

    private static let noErrors: LinePattern = "0 errors|no error|notice]|error-"
    private static let errors: LinePattern = [
        "error|failed|fatal|not found|no such file|denied|exception|cannot |can't |unable to",
        "no space left|unknown instruction",
    ]
}

/// Errors in the run log of an app.
enum RuntimeErrors {
    /// Returns the lines since the last start of the app; earlier lines belong to another run.
    static func sinceStart(_ lines: [String]) -> ArraySlice<String> {
        let start = lines.lastIndex { $0.hasPrefix("===== Application Startup") }
        return lines[(start.map { $0 + 1 } ?? lines.startIndex)...]
    }

    /// Returns the index of the last exception's traceback, including the chained tracebacks before
    /// it; 0 if there is no traceback.
    static func lastTraceback(in lines: [NormalizedLine]) -> Int {
        var start = lines.lastIndex { traceback.matches($0) } ?? 0
        while let before = lines[..<start].lastIndex(where: { traceback.matches($0) }),
            lines[before..<start].contains(where: { $0.has(chained) })
        { start = before }
        return start
    }

    private static let traceback: LinePattern = "traceback (most recent call last)"
    private static let chained: LinePattern =
        "during handling of the above|the above exception was the direct cause"

    /// Returns the last line with the name of an exception; otherwise the last line that reports an
    /// error.
    static func last(in lines: [String]) -> String? {
        let currentRun = sinceStart(lines)
        return currentRun.last(where: isException) ?? currentRun.last(where: BuildSteps.isError)
    }

    /// Whether the line has the form `KeyError: 'TOKEN'`, `torch.cuda.OutOfMemoryError: …` or
    /// `Error: …`.
    private static func isException(_ line: String) -> Bool {
        guard let colon = line.firstIndex(of: ":") else { return false }
        let name = line[..<colon]
        return (name.hasSuffix("Error") || name.hasSuffix("Exception"))
            && name.utf8.allSatisfy {
                $0.isLetter || $0.isDigit || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_")
            } && !NormalizedLine(line).isWarning
    }
}

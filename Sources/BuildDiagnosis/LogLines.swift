import TextTools

/// A log line prepared for matching: at most 2,000 bytes, every quotation mark as `'`, and a copy in ASCII
/// lower case.
struct NormalizedLine: Sendable {
    let text: String
    /// The bytes with `'` for all quotation marks, in their original case.
    let bytes: [UInt8]
    let isFromHub: Bool
    private let lowered: [UInt8]

    /// The rest of a longer line is not searched.
    private static let maxLength = 2_000

    init(_ text: String, isFromHub: Bool = false, ignoresCase: Bool = true) {
        let prefix = text.utf8.prefix(Self.maxLength)
        self.text = prefix.text
        bytes = Self.withPlainQuotes(prefix)
        lowered = ignoresCase ? bytes.map(\.lowered) : bytes
        self.isFromHub = isFromHub
    }

    /// Returns the index of the first occurrence of bytes in lower case; `nil` if there is none.
    func firstIndex(of part: [UInt8], from start: Int = 0) -> Int? {
        lowered.withUnsafeBufferPointer { line in
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
    static func withPlainQuotes(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
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
        let printed = failedOutput.dropFirst(start == nil ? 0 : 1)
        return printed.first { Self.isError($0) && !Self.isSummary($0) } ?? printed.first(where: Self.isError)
            ?? lines.last(where: Self.isError)
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
        return !line.isWarning && !noErrors.matches(line) && errors.matches(line)
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
        guard let colon = line.firstIndex(of: ":"), !NormalizedLine(line).isWarning else { return false }
        let name = line[..<colon]
        return (name.hasSuffix("Error") || name.hasSuffix("Exception"))
            && name.utf8.allSatisfy {
                $0.isLetter || $0.isDigit || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_")
            }
    }
}

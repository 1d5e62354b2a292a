import TextTools

/// The steps of a build log: `--> RUN make`, each followed by its output.
struct BuildSteps {
    private let lines: [String]
    init(_ lines: [String]) { self.lines = lines }

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

    private var start: Int? {
        let steps = lines.indices.filter { lines[$0].hasPrefix("--> ") && !Self.isBuilderMessage(lines[$0]) }
        let named = failedCommand.flatMap { command in steps.last { lines[$0].contains(command.prefix(60)) } }
        return named ?? steps.last
    }

    private var failedCommand: String? { Self.command(failedIn: lines.suffix(40)) }

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
        guard !line.isWarning, !line.has(anyOf: ["0 errors", "no error", "notice]", "error-"]) else {
            return false
        }
        return line.has(anyOf: [
            "error", "failed", "fatal", "not found", "no such file", "denied", "exception", "cannot ",
            "can't ",
            "unable to", "no space left", "unknown instruction",
        ])
    }
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
        var start = lines.lastIndex { $0.has("traceback (most recent call last)") } ?? 0
        while let before = lines[..<start].lastIndex(where: { $0.has("traceback (most recent call last)") }),
            lines[before..<start].contains(where: {
                $0.has(anyOf: ["during handling of the above", "the above exception was the direct cause"])
            })
        { start = before }
        return start
    }

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

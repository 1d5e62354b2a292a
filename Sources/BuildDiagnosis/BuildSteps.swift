import TextTools

/// The steps of a build's log: `--> RUN make`, each followed by what it printed.
struct BuildSteps {
    private let lines: [String]
    init(_ lines: [String]) { self.lines = lines }

    /// What the failing step printed, and what came behind it. The steps before it went well, whatever they printed.
    var failedOutput: ArraySlice<String> { lines[(start ?? lines.startIndex)...] }

    /// Stages are built side by side, so that the step named last need not be the one that failed: the failure names it.
    func failedStep(message: String?) -> String? {
        let words = (message ?? "").split(whereSeparator: \.isNewline).map(String.init)
        if let command = failedCommand ?? Self.command(failedIn: words) {
            return "RUN " + command.prefix(300)
        }
        return start.map { String(lines[$0].dropFirst(4)) }
    }

    /// The first line of the failing step that speaks of an error.
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

    /// Not a step: what the builder does between them.
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

/// What an app's log says of its end.
enum RuntimeErrors {
    /// The lines since the app was last started: what it said before is of another run.
    static func sinceStart(_ lines: [String]) -> ArraySlice<String> {
        let start = lines.lastIndex { $0.hasPrefix("===== Application Startup") }
        return lines[(start.map { $0 + 1 } ?? lines.startIndex)...]
    }

    /// Where the traceback of the last exception begins, with those that led to it; the first line where there is none.
    static func lastTraceback(in lines: [NormalizedLine]) -> Int {
        var start = lines.lastIndex { $0.has("traceback (most recent call last)") } ?? 0
        while let before = lines[..<start].lastIndex(where: { $0.has("traceback (most recent call last)") }),
            lines[before..<start].contains(where: {
                $0.has(anyOf: ["during handling of the above", "the above exception was the direct cause"])
            })
        { start = before }
        return start
    }

    /// The last exception by its name, else the last line that speaks of an error.
    static func last(in lines: [String]) -> String? {
        let told = sinceStart(lines)
        return told.last(where: isException) ?? told.last(where: BuildSteps.isError)
    }

    /// `KeyError: 'TOKEN'`, `torch.cuda.OutOfMemoryError: …`, `Error: Cannot find module …`.
    private static func isException(_ line: String) -> Bool {
        guard let colon = line.firstIndex(of: ":"), !NormalizedLine(line).isWarning else { return false }
        let name = line[..<colon]
        return (name.hasSuffix("Error") || name.hasSuffix("Exception"))
            && name.utf8.allSatisfy {
                $0.isLetter || $0.isDigit || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_")
            }
    }
}

import TextTools

/// The log of a build, folded to its steps: how many there are, which of them were cached, and the output
/// of the last one, which is shown if the build fails.
struct BuildFold: Sendable {
    private struct Step {
        var text: String
        var isCached = false
        /// The duration that the builder reports, in seconds.
        var seconds: Double?
        /// The end of the output.
        var output: [String] = []
    }

    private var steps: [Step] = []
    private var lineCount = 0
    /// Output before the first step.
    private var preamble: [String] = []

    /// The maximum number of lines of a failed step that are shown.
    static let maxShownLines = 15
    private static let maxLines = 200
    private static let builderMessages = [
        "--> ERROR", "--> Restoring cache", "--> Exporting cache", "--> Pushing image",
    ]

    mutating func add(_ line: String) {
        lineCount += 1
        if line.hasPrefix("--> "), !Self.builderMessages.contains(where: line.hasPrefix) {
            return steps.append(Step(text: String(line.dropFirst(4))))
        }
        guard !steps.isEmpty else {
            preamble = Self.appending(line, to: preamble)
            return
        }
        let last = steps.count - 1
        if line == "CACHED" { steps[last].isCached = true }
        if line.hasPrefix("DONE "), line.hasSuffix("s") {
            steps[last].seconds = Double(line.dropFirst(5).dropLast())
        }
        steps[last].output = Self.appending(line, to: steps[last].output)
    }

    private static func appending(_ line: String, to lines: [String]) -> [String] {
        lines.count >= 2 * maxLines ? lines.suffix(maxLines) + [line] : lines + [line]
    }

    var isEmpty: Bool { lineCount == 0 }
    /// The number of lines of the complete log.
    var count: Int { lineCount }

    /// The current step: `step 4  RUN pip install -r requirements.txt`; `nil` before the first one.
    var current: String? { steps.last.map { "step \(steps.count)  \($0.text.visible)" } }

    /// Returns a step with its number: `step 4  RUN pip install …`.
    func numbered(_ step: String) -> String {
        let index = steps.lastIndex { $0.text.hasPrefix(step) || step.hasPrefix($0.text) }
        return (index.map { "step \($0 + 1)  " } ?? "") + step.visible
    }

    /// A summary of a successful build: `6 steps, 4 cached`.
    var summary: String {
        guard !steps.isEmpty else { return "" }
        let cached = steps.count(where: \.isCached)
        return counted(steps.count, "step") + (cached > 0 ? ", \(cached) cached" : "")
    }

    /// The steps that took at least a second, with their durations.
    var slowSteps: [(text: String, took: Duration)] {
        steps.compactMap { step in
            guard let seconds = step.seconds, seconds >= 1, seconds < 1e6 else { return nil }
            return (step.text.visible, .milliseconds(Int64(seconds * 1000)))
        }
    }

    /// The last lines of the failed step, without empty ones.
    var failedOutput: [String] {
        let output = (steps.last?.output ?? preamble).filter { !$0.isInvisible }
        return output.suffix(Self.maxShownLines).map(\.visible)
    }
}

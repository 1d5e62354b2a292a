import Essentials

/// The files of a step that GitHub's runner reads when it is over.
package struct WorkflowFiles: Sendable {
    private let summary: String?
    private let output: String?

    /// - Parameters:
    ///   - summary: the path in `GITHUB_STEP_SUMMARY`, absolute; `nil` if there is none.
    ///   - output: the path in `GITHUB_OUTPUT`, likewise.
    package init(summary: String?, output: String?) { (self.summary, self.output) = (summary, output) }

    /// Adds Markdown to the step's summary.
    /// - Returns: what is wrong, where it cannot be written.
    func summarize(_ text: String) -> String? { append(text, to: summary, named: "GITHUB_STEP_SUMMARY") }

    /// Sets outputs of the step, each whole, whatever its value holds.
    /// - Returns: what is wrong, where they cannot be written.
    func output(_ values: [(name: String, value: String)]) -> String? {
        let blocks = values.map { name, value in
            let end = WorkflowLog.random()
            return "\(name)<<\(end)\n\(value)\n\(end)\n"
        }
        return append(blocks.joined(), to: output, named: "GITHUB_OUTPUT")
    }

    private func append(_ text: String, to path: String?, named variable: String) -> String? {
        guard !text.isEmpty, let path else { return nil }
        return appendToFile(text, at: path, mode: 0o644).map {
            "\(variable) (\(path)) cannot be written: \($0.message)"
        }
    }
}

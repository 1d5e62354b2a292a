import Essentials

/// The files through which a step passes its summary and outputs to GitHub's runner.
package struct WorkflowFiles: Sendable {
    private let summary: String?
    private let output: String?

    /// - Parameters:
    ///   - summary: the absolute path in `GITHUB_STEP_SUMMARY`; `nil` if there is none.
    ///   - output: the absolute path in `GITHUB_OUTPUT`; `nil` if there is none.
    package init(summary: String?, output: String?) { (self.summary, self.output) = (summary, output) }

    /// Appends Markdown to the step's summary.
    /// - Returns: the error message if the file cannot be written.
    func summarize(_ text: String) -> String? { append(text, to: summary, named: "GITHUB_STEP_SUMMARY") }

    /// Sets outputs of the step. A random delimiter permits any value, including several lines.
    /// - Returns: the error message if the file cannot be written.
    func output(_ values: [(name: String, value: String)]) -> String? {
        let blocks = values.map { name, value in
            let delimiter = WorkflowLog.random()
            return "\(name)<<\(delimiter)\n\(value)\n\(delimiter)\n"
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

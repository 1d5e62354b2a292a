/// The files of a step that GitHub's runner reads when it is over.
struct WorkflowFiles: Sendable {
    private let world: World

    init(_ world: World) { self.world = world }

    /// Adds Markdown to the step's summary.
    /// - Returns: what is wrong, where it cannot be written.
    func summarize(_ text: String) -> String? { append(text, to: "GITHUB_STEP_SUMMARY") }

    /// Sets outputs of the step, each whole, whatever its value holds.
    /// - Returns: what is wrong, where they cannot be written.
    func output(_ values: [(name: String, value: String)]) -> String? {
        let blocks = values.map { name, value in
            let end = WorkflowLog.random()
            return "\(name)<<\(end)\n\(value)\n\(end)\n"
        }
        return append(blocks.joined(), to: "GITHUB_OUTPUT")
    }

    private func append(_ text: String, to variable: String) -> String? {
        guard !text.isEmpty, let name = world[variable] else { return nil }
        return FileEnd.add(text, to: world.absolute(name), mode: 0o644).map {
            "\(variable) (\(name)) cannot be written: \($0.words)"
        }
    }
}

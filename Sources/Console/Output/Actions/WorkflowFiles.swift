import Foundation

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
        // Nobody waits at the other end of a FIFO.
        let flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK
        let file = open(world.absolute(name), flags, 0o644)
        guard file >= 0 else { return Self.trouble(variable, name) }
        defer { close(file) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            guard count > 0 else { return Self.trouble(variable, name) }
            rest = rest.dropFirst(count)
        }
        return nil
    }

    private static func trouble(_ variable: String, _ name: String) -> String {
        "\(variable) (\(name)) cannot be written: \(String(cString: strerror(errno)))"
    }
}

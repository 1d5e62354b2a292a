import Essentials
import SpacesModel
import Synchronization

/// A workflow command: a line that GitHub's runner executes instead of showing
/// (https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands).
package struct WorkflowCommand: Hashable, Sendable, CustomStringConvertible {
    var name: String
    var properties: [Property] = []
    var message = ""

    struct Property: Hashable, Sendable {
        var name: String
        var value: String
    }

    static func group(_ title: String) -> Self { Self(name: "group", message: title) }
    static let endGroup = Self(name: "endgroup")

    /// Returns an annotation of the run, or of a line of the repository if `file` is given.
    static func annotation(
        _ severity: Finding.Severity, titled title: String, _ lines: [String],
        file: String? = nil, line: Int? = nil
    ) -> Self {
        let values = [("file", file), ("line", file == nil ? nil : line.map(String.init)), ("title", title)]
        let properties = values.compactMap { name, value in
            value.map { Property(name: name, value: $0.visible) }
        }
        let text = lines.flatMap { $0.split(whereSeparator: \.isNewline).map { String($0).visible } }
        return Self(name: severity.name, properties: properties, message: text.joined(separator: "\n"))
    }

    /// The command in the syntax that the runner parses (actions/runner, ActionCommand.cs).
    package var description: String {
        let listed = properties.map { property in
            "\(property.name)=\(Self.escaped(property.value, [":": "%3A", ",": "%2C"]))"
        }
        let head = listed.isEmpty ? name : "\(name) \(listed.joined(separator: ","))"
        return "::\(head)::\(Self.escaped(message))"
    }

    private static func escaped(_ text: String, _ more: [Unicode.Scalar: String] = [:]) -> String {
        let escapes = more.merging(["%": "%25", "\r": "%0D", "\n": "%0A"]) { $1 }
        return text.unicodeScalars.map { escapes[$0] ?? String($0) }.joined()
    }

    /// Returns the text changed so that GitHub's runner finds no workflow command in it. The runner
    /// takes a line for a command if it starts with `::` after white space or contains `##[`;
    /// zero-width spaces break these up.
    package static func neutralized(_ text: String) -> String {
        guard text.contains("::") || text.contains("##[") else { return text }
        // The runner also ends a line at a CR, which Swift's `Character` joins with a following LF.
        var safe = String.UnicodeScalarView()
        var remaining = text.replacing("##[", with: "#\u{200B}#[").unicodeScalars[...]
        while !remaining.isEmpty {
            let end = remaining.firstIndex { $0 == "\n" || $0 == "\r" }.map { remaining.index(after: $0) }
            let line = remaining[..<(end ?? remaining.endIndex)]
            let command = line.firstIndex { !$0.properties.isWhitespace } ?? line.endIndex
            safe += line[..<command]
            if line[command...].starts(with: "::".unicodeScalars) { safe.append("\u{200B}") }
            safe += line[command...]
            remaining = remaining[line.endIndex...]
        }
        return String(safe)
    }

    /// Returns a JSON line changed by an equivalent escape so that it contains no workflow command; it
    /// starts with a brace, so only `##[` is replaced.
    package static func neutralized(json line: String) -> String { line.replacing("##[", with: #"#\u0023["#) }
}

/// Protects the output of a step from being taken for workflow commands. GitHub's runner looks for
/// commands in both streams with one reader (actions/runner: ScriptHandler.cs and
/// OutputManager.cs), and build logs, servers and file names may contain any text. Commands are
/// stopped before the first text (`::stop-commands::`), and resumed for own commands and at the end
/// of the run.
package final class WorkflowLog: Sendable {
    private let err: Terminal
    /// The token that resumes commands; `nil` while commands are not stopped. It is random, so that
    /// no text can contain it.
    private let token = Mutex<String?>(nil)

    package init(_ err: Terminal) { self.err = err }

    /// Stops commands. Called before text is written to either stream.
    package func close() {
        token.withLock { token in
            guard token == nil else { return }
            let newToken = Self.random()
            err.write("::stop-commands::\(newToken)\n")
            token = newToken
        }
    }

    func send(_ commands: [WorkflowCommand]) {
        guard !commands.isEmpty else { return }
        token.withLock { token in
            open(&token)
            err.write(commands.map { "\($0)\n" }.joined())
        }
    }

    /// Resumes commands, for other programs of the step.
    func open() { token.withLock { open(&$0) } }

    private func open(_ token: inout String?) {
        if let token { err.write("::\(token)::\n") }
        token = nil
    }

    /// Returns a random string of 128 bits.
    static func random() -> String {
        let halves = [UInt64.random(in: .min ... .max), .random(in: .min ... .max)]
        return "spacesync-" + halves.map { String($0, radix: 36) }.joined()
    }
}

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

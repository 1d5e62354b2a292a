import SpacesModel

/// A workflow command: a line that GitHub's runner executes instead of showing
/// (https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands).
struct WorkflowCommand: Hashable, Sendable, CustomStringConvertible {
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
    var description: String {
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
}

extension String {
    /// The text changed so that GitHub's runner finds no workflow command in it. The runner takes a
    /// line for a command if it starts with `::` after white space or contains `##[`; zero-width
    /// spaces break these up.
    package var withoutWorkflowCommands: String {
        guard contains("::") || contains("##[") else { return self }
        // The runner also ends a line at a CR, which Swift's `Character` joins with a following LF.
        var (safe, remaining) = (
            String.UnicodeScalarView(), replacing("##[", with: "#\u{200B}#[").unicodeScalars[...]
        )
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

    /// A JSON line changed by an equivalent escape so that it contains no workflow command; it starts
    /// with a brace, so only `##[` is replaced.
    package var withoutWorkflowCommandsInJSON: String { replacing("##[", with: #"#\u0023["#) }
}

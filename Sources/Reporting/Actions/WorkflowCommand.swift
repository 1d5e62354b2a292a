import SpacesModel

/// A line that GitHub's runner acts on instead of showing it
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

    /// Text that stands at the run, and at a line of the repository where one is to blame.
    static func annotation(
        _ severity: Finding.Severity, titled title: String, _ lines: [String],
        file: String? = nil, line: Int? = nil
    ) -> Self {
        let place = [("file", file), ("line", file == nil ? nil : line.map(String.init)), ("title", title)]
        let properties = place.compactMap { name, value in
            value.map { Property(name: name, value: $0.visible) }
        }
        let text = lines.flatMap { $0.split(whereSeparator: \.isNewline).map { String($0).visible } }
        return Self(name: severity.name, properties: properties, message: text.joined(separator: "\n"))
    }

    /// As the runner reads it (actions/runner, ActionCommand.cs).
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
    /// The text as a stream may hold it that GitHub's runner reads: no line of it is a command. That is one which begins
    /// with `::`, blanks aside, or holds `##[` anywhere; what breaks it up is not seen.
    package var withoutWorkflowCommands: String {
        guard contains("::") || contains("##[") else { return self }
        // The runner ends a line at a CR, too, which Swift's characters join with the LF behind it.
        var (safe, rest) = (
            String.UnicodeScalarView(), replacing("##[", with: "#\u{200B}#[").unicodeScalars[...]
        )
        while !rest.isEmpty {
            let end = rest.firstIndex { $0 == "\n" || $0 == "\r" }.map { rest.index(after: $0) }
            let line = rest[..<(end ?? rest.endIndex)]
            let command = line.firstIndex { !$0.properties.isWhitespace } ?? line.endIndex
            safe += line[..<command]
            if line[command...].starts(with: "::".unicodeScalars) { safe.append("\u{200B}") }
            safe += line[command...]
            rest = rest[line.endIndex...]
        }
        return String(safe)
    }

    /// The same of JSON, as another spelling of the same value: a line of it begins with a brace.
    package var withoutWorkflowCommandsInJSON: String { replacing("##[", with: #"#\u0023["#) }
}

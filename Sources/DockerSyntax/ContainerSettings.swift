import SpacesModel
import TextTools

/// The settings of a container with a generated Dockerfile: `env`, `command`, `port`.
package struct ContainerSettings: Hashable, Sendable {
    /// In the order of the settings; of several with the same name the last wins.
    package var env: [Variable]
    /// A shell command line, or Docker's JSON form.
    package var command: String?
    package var port: Int

    package init(env: [Variable] = [], command: String? = nil, port: Int = 7860) {
        (self.env, self.command, self.port) = (env, command, port)
    }

    /// One `NAME=value` of the image's environment.
    package struct Variable: Hashable, Sendable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
    }
}

extension ContainerSettings.Variable {
    /// Parses `NAME=value`.
    /// - Throws: `DeployError` of kind `.settings` if the text has no name, no value, or control
    ///   characters.
    package init(_ text: String) throws(DeployError) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
            String.init)
        guard parts.count == 2 else {
            throw DeployError(.settings, "env = \(text): has no value", hint: "use env = \(text)=VALUE")
        }
        self.init(parts[0], parts[1])
        try validate()
    }

    func validate() throws(DeployError) {
        let first = name.utf8.first
        let isName =
            first.map { $0.isWord && !$0.isDigit } == true
            && name.utf8.allSatisfy { $0.isWord || $0 == .dot || $0 == .dash }
        guard isName else {
            throw DeployError(
                .settings, "env: \u{201C}\(name)\u{201D} is not a valid variable name",
                hint: "use letters, digits and _, and do not start with a digit")
        }
        guard value.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
            throw DeployError(
                .settings, "env: the value of \(name) contains a control character",
                hint:
                    "ENV of a Dockerfile is one line; for other values, use a file or a variable of the Space"
            )
        }
    }
}

extension ContainerSettings {
    /// Returns the ENV lines: the defaults that the app needs to be reachable by the Hub,
    /// overridden by the settings.
    package func environment(over standard: [Variable] = []) throws(DeployError) -> [String] {
        var variables = [Variable("HOST", "0.0.0.0"), Variable("PORT", "\(port)")] + standard
        for variable in env {
            try variable.validate()
            if let index = variables.firstIndex(where: { $0.name == variable.name }) {
                variables[index] = variable
            } else {
                variables.append(variable)
            }
        }
        return variables.map { "ENV \($0.name)=\(DockerQuoting.quoted($0.value))" }
    }

    /// Returns the CMD line of the settings; `nil` if they have no command.
    package func commandLine() throws(DeployError) -> String? {
        guard let command else { return nil }
        return DockerQuoting.command(try ShellCommand.words(of: command))
    }

    package func validatePort() throws(DeployError) {
        guard (1...65_535).contains(port) else {
            throw DeployError(.settings, "port = \(port): must be a number from 1 to 65535")
        }
    }
}

/// Quoting of text in a Dockerfile, so that BuildKit reads it literally.
package enum DockerQuoting {
    /// Returns a value of ENV with `$` escaped: the app gets the value of the settings literally.
    static func quoted(_ value: String) -> String {
        let isPlain = value.utf8.allSatisfy { $0.isWord || "./:@%+,-".utf8.contains($0) }
        if isPlain, !value.isEmpty { return value }
        let escaped = value.map { "\\\"$".contains($0) ? "\\\($0)" : String($0) }
        return "\"\(escaped.joined())\""
    }

    /// Returns CMD in its JSON form: without a shell in between, the app receives the Hub's signals
    /// directly.
    package static func command(_ arguments: [String]) -> String {
        "CMD [" + arguments.map(json).joined(separator: ", ") + "]"
    }

    private static func json(_ text: String) -> String {
        "\"" + text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "\""
    }

    /// Returns a comment line; line breaks and control characters become blanks.
    package static func comment(_ text: String) -> String {
        "# " + String(String.UnicodeScalarView(text.unicodeScalars.map { $0.isBreak ? " " : $0 }))
    }
}

extension Unicode.Scalar {
    fileprivate var isBreak: Bool {
        [.control, .lineSeparator, .paragraphSeparator].contains(properties.generalCategory)
    }
}

/// The kind of Dockerfile to generate for a source without one.
package enum Template: String, Hashable, Sendable, CaseIterable {
    case python, node
}

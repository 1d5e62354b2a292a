import SpacesModel
import TextTools

/// What the settings say of a container whose Dockerfile is written here: `env`, `command`, `port`.
package struct ContainerSettings: Hashable, Sendable {
    /// In the order of the settings; a later one of the same name wins.
    package var env: [Variable]
    /// As it would be typed into a shell, or in Docker's JSON form.
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
    /// Reads `NAME=value`.
    /// - Throws: `.settings` for a text without a name, or with control characters.
    package init(_ text: String) throws(DeployError) {
        let halves = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
            String.init)
        guard halves.count == 2 else {
            throw DeployError(.settings, "env = \(text): has no value", hint: "write env = \(text)=VALUE")
        }
        self.init(halves[0], halves[1])
        try validate()
    }

    func validate() throws(DeployError) {
        let first = name.utf8.first
        let isName =
            first.map { $0.isWord && !$0.isDigit } == true
            && name.utf8.allSatisfy { $0.isWord || $0 == .dot || $0 == .dash }
        guard isName else {
            throw DeployError(
                .settings, "env: \u{201C}\(name)\u{201D} is no name of a variable",
                hint: "a name has letters, digits and _, and begins with no digit")
        }
        guard value.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
            throw DeployError(
                .settings, "env: the value of \(name) holds a control character",
                hint:
                    "a Dockerfile's ENV is one line; the app can read more from a file or a variable of the Space"
            )
        }
    }
}

extension ContainerSettings {
    /// The ENV lines: what an app needs to be reached by the Hub, and what the settings say, which wins.
    package func environment(over standard: [Variable] = []) throws(DeployError) -> [String] {
        var variables = [Variable("HOST", "0.0.0.0"), Variable("PORT", "\(port)")] + standard
        for variable in env {
            try variable.validate()
            if let place = variables.firstIndex(where: { $0.name == variable.name }) {
                variables[place] = variable
            } else {
                variables.append(variable)
            }
        }
        return variables.map { "ENV \($0.name)=\(DockerQuoting.quoted($0.value))" }
    }

    /// The CMD line of the settings; nil when they say nothing.
    package func commandLine() throws(DeployError) -> String? {
        guard let command else { return nil }
        return DockerQuoting.command(try ShellCommand.words(of: command))
    }

    package func validatePort() throws(DeployError) {
        guard (1...65_535).contains(port) else {
            throw DeployError(.settings, "port = \(port): a port is a number from 1 to 65535")
        }
    }
}

/// How text is written into a Dockerfile so that BuildKit reads just that text.
package enum DockerQuoting {
    /// A value of ENV. Nothing in it is a variable: what the settings say is what the app gets.
    static func quoted(_ value: String) -> String {
        let isPlain = value.utf8.allSatisfy { $0.isWord || "./:@%+,-".utf8.contains($0) }
        if isPlain, !value.isEmpty { return value }
        let inside = value.map { "\\\"$".contains($0) ? "\\\($0)" : String($0) }
        return "\"\(inside.joined())\""
    }

    /// CMD in its JSON form: the app gets the Hub's signals itself, with no shell between.
    package static func command(_ arguments: [String]) -> String {
        "CMD [" + arguments.map(json).joined(separator: ", ") + "]"
    }

    private static func json(_ text: String) -> String {
        "\"" + text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "\""
    }

    /// A comment's text: one line, whatever it is made of.
    package static func comment(_ text: String) -> String {
        "# " + String(String.UnicodeScalarView(text.unicodeScalars.map { $0.isBreak ? " " : $0 }))
    }
}

extension Unicode.Scalar {
    fileprivate var isBreak: Bool {
        [.control, .lineSeparator, .paragraphSeparator].contains(properties.generalCategory)
    }
}

/// The Dockerfile to write for a source that has none.
package enum Template: String, Hashable, Sendable, CaseIterable {
    case python, node
}

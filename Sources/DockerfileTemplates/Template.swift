import DockerSyntax
import SpacesModel
import TextTools

extension Template {
    /// The template that fits a source, and the reason.
    package struct Detection: Hashable, Sendable {
        /// `nil` if no template fits, or several do.
        package var template: Template?
        /// One clause, for example `found requirements.txt and app.py`.
        package var reason: String

        package init(template: Template? = nil, reason: String) {
            (self.template, self.reason) = (template, reason)
        }
    }

    /// - Parameter names: the names of the files in the root of the deployed tree.
    package static func detect(among names: Set<String>) -> Detection {
        let python = PythonProject.markerFiles.filter(names.contains)
        let node = NodeProject.markerFiles.filter(names.contains)
        switch (python.isEmpty, node.isEmpty) {
        case (false, true): return Detection(template: .python, reason: presenceDescription(python))
        case (true, false): return Detection(template: .node, reason: presenceDescription(node))
        case (false, false):
            let description = presenceDescription(Array(python.prefix(2)) + node)
            return Detection(
                template: nil, reason: "\(description); set template = python or template = node")
        case (true, true):
            let description = "the root contains no requirements.txt, pyproject.toml, app.py or package.json"
            let staticHint = names.contains("index.html") ? "; for index.html, sdk = static is enough" : ""
            return Detection(template: nil, reason: description + staticHint)
        }
    }

    private static func presenceDescription(_ names: [String]) -> String {
        "found \(names.formattedList)"
    }

    /// Returns the names of the existing root files whose content is needed.
    package func requiredFiles(among names: Set<String>) -> [String] {
        switch self {
        case .python: PythonProject.files(among: names)
        case .node: NodeProject.files(among: names)
        }
    }

    /// - Throws: `DeployError` of kind `.settings` if there is nothing to start, or a setting
    ///   cannot be expressed in a Dockerfile.
    package func dockerfile(
        for source: TemplateSource, _ container: ContainerSettings = ContainerSettings()
    ) throws(DeployError) -> TemplateDockerfile {
        try container.validatePort()
        switch self {
        case .python:
            return try PythonTemplate(project: PythonProject(source), container: container).makeDockerfile()
        case .node:
            return try NodeTemplate(project: try NodeProject(source), container: container).makeDockerfile()
        }
    }
}

/// The input of a template.
package struct TemplateSource: Hashable, Sendable {
    /// The names of the files in the root of the deployed tree.
    package var names: Set<String>
    /// The contents of the files that `Template.requiredFiles` returns.
    package var contents: [String: [UInt8]]

    package init(names: Set<String>, contents: [String: [UInt8]]) {
        (self.names, self.contents) = (names, contents)
    }

    /// Returns a file's text with LF line ends; `nil` if there is no such file.
    package func text(_ name: String) -> String? {
        contents[name].map { bytes in bytes.filter { $0 != .carriageReturn }.text }
    }
    package func lines(_ name: String) -> [Substring] { text(name)?.split(separator: "\n") ?? [] }
}

/// A generated Dockerfile, and the reasons for its content.
package struct TemplateDockerfile: Hashable, Sendable {
    package var bytes: [UInt8]
    /// One clause each, for example `Python 3.11 (from runtime.txt)`.
    package var reasons: [String]
}

/// A version, and the reason for choosing it.
struct TemplateVersion: Hashable {
    var text: String
    var reason: String
}

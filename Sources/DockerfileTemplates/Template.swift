import DockerSyntax
import SpacesModel
import TextTools

extension Template {
    /// What a source looks like, and why.
    package struct Detection: Hashable, Sendable {
        /// Nil when it looks like none of them, or like several.
        package var template: Template?
        /// One clause: `requirements.txt and app.py are there`.
        package var reason: String

        package init(template: Template? = nil, reason: String) {
            (self.template, self.reason) = (template, reason)
        }
    }

    /// - Parameter names: of the files in the root of what is deployed.
    package static func detect(among names: Set<String>) -> Detection {
        let python = PythonProject.markerFiles.filter(names.contains)
        let node = NodeProject.markerFiles.filter(names.contains)
        switch (python.isEmpty, node.isEmpty) {
        case (false, true): return Detection(template: .python, reason: presenceDescription(python))
        case (true, false): return Detection(template: .node, reason: presenceDescription(node))
        case (false, false):
            let both = presenceDescription(Array(python.prefix(2)) + node)
            return Detection(
                template: nil, reason: "\(both): template = python or template = node says which")
        case (true, true):
            let nothing = "the root holds no requirements.txt, pyproject.toml, app.py or package.json"
            let page = names.contains("index.html") ? "; for its index.html sdk = static is enough" : ""
            return Detection(template: nil, reason: nothing + page)
        }
    }

    private static func presenceDescription(_ names: [String]) -> String {
        "\(names.formattedList) \(names.count == 1 ? "is" : "are") there"
    }

    /// The files in the root whose content has to be known, of those that there are.
    package func requiredFiles(among names: Set<String>) -> [String] {
        switch self {
        case .python: PythonProject.files(among: names)
        case .node: NodeProject.files(among: names)
        }
    }

    /// - Throws: `.settings` when there is nothing to start, or for what no Dockerfile can say.
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

/// What a template looks at.
package struct TemplateSource: Hashable, Sendable {
    /// Of the files in the root of what is deployed.
    package var names: Set<String>
    /// Of those that `Template.needs` names.
    package var contents: [String: [UInt8]]

    package init(names: Set<String>, contents: [String: [UInt8]]) {
        (self.names, self.contents) = (names, contents)
    }

    /// nil when it is not there. Line ends are newlines.
    package func text(_ name: String) -> String? {
        contents[name].map { bytes in bytes.filter { $0 != .carriageReturn }.text }
    }
    package func lines(_ name: String) -> [Substring] { text(name)?.split(separator: "\n") ?? [] }
}

/// A Dockerfile that was written, and what was understood of the source.
package struct TemplateDockerfile: Hashable, Sendable {
    package var bytes: [UInt8]
    /// A clause each: `Python 3.11, as runtime.txt says`.
    package var reasons: [String]
}

/// A version, and who says so.
struct TemplateVersion: Hashable {
    var text: String
    var reason: String
}

import TextTools

/// A Python app, as its root files describe it.
package struct PythonProject {
    /// The installer of the dependencies.
    enum InstallMethod: Hashable {
        case requirements
        case uv(isLocked: Bool)
        case poetry
        case nothing
    }

    enum Framework: String, Hashable {
        case streamlit = "Streamlit", gradio = "Gradio", fastAPI = "FastAPI", flask = "Flask"
    }

    let source: TemplateSource
    let installMethod: InstallMethod
    /// The file that is started.
    let entry: String?
    let version: TemplateVersion
    let dependencies: PythonDependencies

    static let entries = ["app.py", "main.py", "server.py", "streamlit_app.py", "run.py", "bot.py"]
    package static let markerFiles =
        ["requirements.txt", "uv.lock", "pyproject.toml"] + entries + ["manage.py"]

    static func files(among names: Set<String>) -> [String] {
        let entry = entries.first(where: names.contains)
        return
            (["requirements.txt", "pyproject.toml", ".python-version", "runtime.txt"]
            + [entry].compactMap { $0 })
            .filter(names.contains)
    }

    init(_ source: TemplateSource) {
        self.source = source
        entry = Self.entries.first(where: source.names.contains)
        let project = PythonDependencies.Manifest(source.text("pyproject.toml") ?? "")
        let names = source.names
        if names.contains("uv.lock"), names.contains("pyproject.toml") {
            installMethod = .uv(isLocked: true)
        } else if names.contains("requirements.txt") {
            installMethod = .requirements
        } else if project.isProject {
            installMethod = .uv(isLocked: false)
        } else {
            installMethod = project.isPoetry ? .poetry : .nothing
        }
        dependencies =
            installMethod == .requirements
            ? PythonDependencies(requirements: source.lines("requirements.txt")) : project.dependencies
        version = Self.version(source, project.requiresPython)
    }

    /// The files that are named in the Dockerfile's first line.
    var origin: [String] {
        let manifest: [String]
        switch installMethod {
        case .requirements: manifest = ["requirements.txt"]
        case .uv(let isLocked): manifest = ["pyproject.toml"] + (isLocked ? ["uv.lock"] : [])
        case .poetry: manifest = ["pyproject.toml"]
        case .nothing: manifest = []
        }
        return manifest
            + [entry ?? (source.names.contains("manage.py") ? "manage.py" : nil)].compactMap { $0 }
    }

    private static let defaultVersion = "3.12"
    private static let knownVersions = [12, 13, 11, 10, 14, 9, 8]

    private static func version(_ source: TemplateSource, _ range: String?) -> TemplateVersion {
        for name in [".python-version", "runtime.txt"] {
            let lines = source.lines(name).map(\.trimmed).filter { !$0.isEmpty && !$0.hasPrefix("#") }
            let numbers =
                lines.first.map { $0.drop { !($0.isASCII && $0.isNumber) } }?.split(separator: ".") ?? []
            guard numbers.count >= 2, numbers[0] == "3", let minor = Int(numbers[1]), (5...40).contains(minor)
            else {
                continue
            }
            return TemplateVersion(text: "3.\(minor)", reason: "Python 3.\(minor) (from \(name))")
        }
        guard let range, let versions = VersionRange(range) else {
            return TemplateVersion(
                text: defaultVersion, reason: "Python \(defaultVersion) (the default)")
        }
        guard let minor = knownVersions.first(where: { versions.contains([3, $0]) }) else {
            return TemplateVersion(
                text: defaultVersion,
                reason: "Python \(defaultVersion) (the default: no known version matches \(range))")
        }
        return TemplateVersion(
            text: "3.\(minor)", reason: "Python 3.\(minor) (requires-python is \(range))")
    }
}

import DockerSyntax
import TextTools

/// The start command of a Python app, so that the Hub can reach it.
struct PythonStart {
    var arguments: [String]
    var environment: [ContainerSettings.Variable] = []
    var reason: String
    /// A required package that the project does not declare.
    var missingPackage: String?

    /// `nil` if there is nothing to start.
    init?(_ project: PythonProject, port: Int) {
        guard let entry = project.entry else {
            guard project.source.names.contains("manage.py") else { return nil }
            arguments = ["python", "manage.py", "runserver", "--noreload", "0.0.0.0:\(port)"]
            reason = "Django, started with manage.py"
            return
        }
        let code = PythonCode(project.source.text(entry))
        let module = String(entry.dropLast(3))
        switch Self.framework(code, project.dependencies) {
        case .streamlit:
            arguments = ["streamlit", "run", entry, "--server.address=0.0.0.0", "--server.port=\(port)"]
            arguments += ["--server.headless=true", "--browser.gatherUsageStats=false"]
            reason = "Streamlit, started with \(entry)"
        case .gradio:
            arguments = ["python", entry]
            environment = [.init("GRADIO_SERVER_NAME", "0.0.0.0"), .init("GRADIO_SERVER_PORT", "\(port)")]
            reason = "Gradio, started with \(entry)"
        case .fastAPI where project.dependencies.hasServer || project.installMethod == .requirements:
            let object = code.object(of: "FastAPI") ?? "app"
            arguments = ["uvicorn", "\(module):\(object)", "--host", "0.0.0.0", "--port", "\(port)"]
            reason = "FastAPI: uvicorn serves \(object) from \(entry)"
            missingPackage = project.dependencies.hasServer ? nil : "uvicorn"
        case .flask:
            let object = code.object(of: "Flask")
            if project.dependencies.contains("gunicorn") {
                arguments = [
                    "gunicorn", "--bind", "0.0.0.0:\(port)", "\(module):\(object ?? "create_app()")",
                ]
            } else {
                let app = object.map { "\(module):\($0)" } ?? module
                arguments = ["flask", "--app", app, "run", "--host", "0.0.0.0", "--port", "\(port)"]
            }
            reason = "Flask: \(arguments[0]) serves \(object ?? "create_app()") from \(entry)"
        default:
            arguments = ["python", entry]
            reason = "\(entry) is started and must listen on HOST and PORT"
        }
    }

    /// Returns the framework that the started file imports; if its text is unknown, the only
    /// framework among the dependencies.
    private static func framework(_ code: PythonCode, _ dependencies: PythonDependencies) -> PythonProject
        .Framework?
    {
        guard code.isKnown else {
            let frameworks: [(String, PythonProject.Framework)] = [
                ("streamlit", .streamlit), ("gradio", .gradio), ("fastapi", .fastAPI), ("flask", .flask),
            ]
            let matches = frameworks.filter { dependencies.contains($0.0) }
            return matches.count == 1 ? matches[0].1 : nil
        }
        if code.imports("streamlit") { return .streamlit }
        if code.imports("fastapi"), code.object(of: "FastAPI") != nil, !code.runsWhenImported {
            return .fastAPI
        }
        let hasFlask = code.object(of: "Flask") != nil || code.contains("def create_app(")
        // A Socket.IO server must be started by its own code.
        if code.imports("flask"), hasFlask, !code.imports("flask_socketio") { return .flask }
        return code.imports("gradio") ? .gradio : nil
    }
}

/// A simple line-based view of a Python file.
package struct PythonCode {
    private let lines: [Substring]
    private let text: String
    let isKnown: Bool

    package init(_ text: String?) {
        (self.text, isKnown) = (text ?? "", text != nil)
        lines = self.text.split(separator: "\n")
    }

    func contains(_ part: String) -> Bool { text.containsUTF8(part) }

    package func imports(_ module: String) -> Bool {
        lines.contains { line in
            let tokens = line.split { $0 == " " || $0 == "," || $0 == "\t" }
            guard tokens.count > 1, tokens[0] == "import" || tokens[0] == "from" else { return false }
            let modules = tokens[0] == "from" ? tokens[1..<2] : tokens[1...]
            return modules.contains { $0 == module || $0.hasPrefix(module + ".") }
        }
    }

    /// Returns the name of the first object of a class: `app = Flask(__name__)` at the start of a
    /// line.
    func object(of type: String) -> String? {
        for line in lines where line.containsUTF8("\(type)(") {
            let name = line.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
            guard !name.isEmpty, let equalsSign = line.firstIndex(of: "="),
                let open = line.firstIndex(of: "(")
            else { continue }
            guard equalsSign < open else { continue }
            let constructor = line[line.index(after: equalsSign)..<open].trimmed
            if constructor == type || constructor.hasSuffix(".\(type)") { return String(name) }
        }
        return nil
    }

    /// Whether the file starts its own server when it is imported.
    var runsWhenImported: Bool { contains("uvicorn.run(") && !contains("__name__") && !contains("def main") }
}

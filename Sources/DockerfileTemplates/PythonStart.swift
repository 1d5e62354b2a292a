import DockerSyntax
import TextTools

/// How a Python app is started so that the Hub reaches it.
struct PythonStart {
    var arguments: [String]
    var environment: [ContainerSettings.Variable] = []
    var reason: String
    /// A package that is needed and named nowhere.
    var missingPackage: String?

    /// nil when there is nothing to start.
    init?(_ project: PythonProject, port: Int) {
        guard let entry = project.entry else {
            guard project.source.names.contains("manage.py") else { return nil }
            arguments = ["python", "manage.py", "runserver", "--noreload", "0.0.0.0:\(port)"]
            reason = "Django, by manage.py"
            return
        }
        let code = PythonCode(project.source.text(entry))
        let module = String(entry.dropLast(3))
        switch Self.framework(code, project.dependencies) {
        case .streamlit:
            arguments = ["streamlit", "run", entry, "--server.address=0.0.0.0", "--server.port=\(port)"]
            arguments += ["--server.headless=true", "--browser.gatherUsageStats=false"]
            reason = "Streamlit runs \(entry)"
        case .gradio:
            arguments = ["python", entry]
            environment = [.init("GRADIO_SERVER_NAME", "0.0.0.0"), .init("GRADIO_SERVER_PORT", "\(port)")]
            reason = "Gradio, started by \(entry)"
        case .fastAPI where project.dependencies.hasServer || project.installMethod == .requirements:
            let object = code.object(of: "FastAPI") ?? "app"
            arguments = ["uvicorn", "\(module):\(object)", "--host", "0.0.0.0", "--port", "\(port)"]
            reason = "FastAPI, uvicorn serves \(object) of \(entry)"
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
            reason = "Flask, \(arguments[0]) serves \(object ?? "create_app()") of \(entry)"
        default:
            arguments = ["python", entry]
            reason = "\(entry) is run, and has to listen on HOST and PORT by itself"
        }
    }

    /// What the started file imports counts; without its text, the one framework that the project names.
    private static func framework(_ code: PythonCode, _ dependencies: PythonDependencies) -> PythonProject
        .Framework?
    {
        guard code.isKnown else {
            let named: [(String, PythonProject.Framework)] = [
                ("streamlit", .streamlit), ("gradio", .gradio), ("fastapi", .fastAPI), ("flask", .flask),
            ]
            let found = named.filter { dependencies.contains($0.0) }
            return found.count == 1 ? found[0].1 : nil
        }
        if code.imports("streamlit") { return .streamlit }
        if code.imports("fastapi"), code.object(of: "FastAPI") != nil, !code.runsWhenImported {
            return .fastAPI
        }
        let hasFlask = code.object(of: "Flask") != nil || code.contains("def create_app(")
        // A Socket.IO server has to be run by its own means.
        if code.imports("flask"), hasFlask, !code.imports("flask_socketio") { return .flask }
        return code.imports("gradio") ? .gradio : nil
    }
}

/// The text of a Python file, as far as it is plain.
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
            let words = line.split { $0 == " " || $0 == "," || $0 == "\t" }
            guard words.count > 1, words[0] == "import" || words[0] == "from" else { return false }
            let named = words[0] == "from" ? words[1..<2] : words[1...]
            return named.contains { $0 == module || $0.hasPrefix(module + ".") }
        }
    }

    /// The name of a class's first object: `app = Flask(__name__)` at the start of a line.
    func object(of type: String) -> String? {
        for line in lines where line.containsUTF8("\(type)(") {
            let name = line.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
            guard !name.isEmpty, let sign = line.firstIndex(of: "="), let open = line.firstIndex(of: "(")
            else { continue }
            guard sign < open else { continue }
            let made = line[line.index(after: sign)..<open].trimmed
            if made == type || made.hasSuffix(".\(type)") { return String(name) }
        }
        return nil
    }

    /// It starts its own server wherever it is imported.
    var runsWhenImported: Bool { contains("uvicorn.run(") && !contains("__name__") && !contains("def main") }
}

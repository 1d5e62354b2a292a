import DockerSyntax
import SpacesModel
import TextTools

/// How a Node app is started so that the Hub reaches it.
struct NodeStart {
    var arguments: [String]
    var environment: [ContainerSettings.Variable] = []
    var reason: String

    /// nil when there is nothing to start.
    init?(_ project: NodeProject, port: Int) {
        let run = project.manager == .bun ? ["bun", "run"] : [project.manager.command, "run"]
        guard let script = project.script("start") else {
            let named = project.manifest["main"].string.flatMap { Path(tidy: $0) }?.description
            let main = named.flatMap { $0.isEmpty ? nil : $0 }
            let files = ["server.js", "index.js", "app.js", "main.js", "server.mjs", "index.mjs"]
            let usual = files.first(where: project.source.names.contains)
            // A package's main is often a module to import: a file that is there by a server's name goes before it.
            guard let file = usual == "server.js" ? usual : main ?? usual, !file.hasPrefix("-") else {
                return nil
            }
            arguments = [project.manager == .bun ? "bun" : "node", file]
            reason = "\(file) is run, and has to listen on HOST and PORT by itself"
            return
        }
        let tool = script.split(separator: " ").first.map(String.init) ?? ""
        arguments = run + ["start"]
        reason = "the script start is run: \(script.prefix(80))"
        let told = Self.addressArguments(of: tool, script, port)
        // npm alone keeps options of the script behind two dashes.
        if !told.isEmpty { arguments += (project.manager == .npm ? ["--"] : []) + told }
        // Next's own server listens where HOSTNAME says, which is the container's name.
        if !project.manifest["dependencies"]["next"].isNull { environment = [.init("HOSTNAME", "0.0.0.0")] }
    }

    /// Tools that listen on loopback, or on a port of their own, unless they are told.
    private static func addressArguments(of tool: String, _ script: String, _ port: Int) -> [String] {
        let isAlone = !script.contains { "&|;<>".contains($0) }
        guard isAlone, !script.containsUTF8("--port"), !script.containsUTF8("--host"),
            !script.containsUTF8(" -p")
        else {
            return []
        }
        switch tool {
        case "vite", "astro": return ["--host", "0.0.0.0", "--port", "\(port)"]
        case "next": return script.containsUTF8("-H") ? [] : ["--hostname", "0.0.0.0", "--port", "\(port)"]
        case "ng": return script.hasPrefix("ng serve") ? ["--host", "0.0.0.0", "--port", "\(port)"] : []
        default: return []
        }
    }
}

extension NodeProject.PackageManager {
    var command: String { self == .berry ? "yarn" : rawValue }
}

import DockerSyntax
import SpacesModel
import TextTools

/// The start command of a Node app, so that the Hub can reach it.
struct NodeStart {
    var arguments: [String]
    var environment: [ContainerSettings.Variable] = []
    var reason: String

    /// `nil` if there is nothing to start.
    init?(_ project: NodeProject, port: Int) {
        let run = project.manager == .bun ? ["bun", "run"] : [project.manager.command, "run"]
        guard let script = project.script("start") else {
            let declaredMain = project.manifest["main"].string.flatMap { Path(tidy: $0) }?.description
            let main = declaredMain.flatMap { $0.isEmpty ? nil : $0 }
            let files = ["server.js", "index.js", "app.js", "main.js", "server.mjs", "index.mjs"]
            let defaultFile = files.first(where: project.source.names.contains)
            // A package's main is often a library module, so a server.js takes precedence.
            guard let file = defaultFile == "server.js" ? defaultFile : main ?? defaultFile,
                !file.hasPrefix("-")
            else {
                return nil
            }
            arguments = [project.manager == .bun ? "bun" : "node", file]
            reason = "\(file) is run, and has to listen on HOST and PORT by itself"
            return
        }
        let tool = script.split(separator: " ").first.map(String.init) ?? ""
        arguments = run + ["start"]
        reason = "the script start is run: \(script.prefix(80))"
        let addressOptions = Self.addressArguments(of: tool, script, port)
        // Only npm needs two dashes before options of the script.
        if !addressOptions.isEmpty { arguments += (project.manager == .npm ? ["--"] : []) + addressOptions }
        // Next's standalone server listens on HOSTNAME, which is the container's name by default.
        if !project.manifest["dependencies"]["next"].isNull { environment = [.init("HOSTNAME", "0.0.0.0")] }
    }

    /// Returns options for tools that by default listen on loopback or on their own port.
    private static func addressArguments(of tool: String, _ script: String, _ port: Int) -> [String] {
        let isSingleCommand = !script.contains { "&|;<>".contains($0) }
        guard isSingleCommand, !script.containsUTF8("--port"), !script.containsUTF8("--host"),
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

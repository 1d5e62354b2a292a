import DockerSyntax
import SpacesModel
import TextTools

/// The Dockerfile of a Node app: packages in a layer before the source, as the image's user of uid
/// 1000.
struct NodeTemplate {
    let project: NodeProject
    let container: ContainerSettings

    func makeDockerfile() throws(DeployError) -> TemplateDockerfile {
        let start = NodeStart(project, port: container.port)
        let customCommand = try container.commandLine()
        guard let command = customCommand ?? start.map({ DockerQuoting.command($0.arguments) }) else {
            throw DeployError(
                .settings,
                "template = node: nothing to start: package.json has no start script and no main file",
                hint: "set command = node path/to/server.js")
        }
        let home = "/home/\(user)"
        var lines = [firstLine, "FROM \(base)"] + manager
        // Created before WORKDIR: some builders would make it owned by root.
        lines += [
            "RUN mkdir -p \(home)/app && chown \(user):\(user) \(home)/app", "USER \(user)",
            "WORKDIR \(home)/app", "",
        ]
        lines += try container.environment(over: [.init("HOME", home)] + (start?.environment ?? []))
        lines += [""] + install + build + [""] + mode + ["EXPOSE \(container.port)", command]
        let startReason = customCommand == nil ? start?.reason : "started with the command in the settings"
        let version = project.manager == .bun ? "Bun 1" : project.version.reason
        return TemplateDockerfile(
            bytes: GeneratedDockerfile.bytes(lines), reasons: [version, startReason].compactMap { $0 })
    }

    /// Set after the installation, which would otherwise omit development dependencies that a build
    /// needs.
    private var mode: [String] {
        container.env.contains { $0.name == "NODE_ENV" } ? [] : ["ENV NODE_ENV=production"]
    }

    private var firstLine: String {
        let files = ["package.json"] + [project.lockFile].compactMap { $0 }
        return GeneratedDockerfile.firstLine(from: "\(files.formattedList) by template = node")
    }

    /// The user of uid 1000 in the image.
    private var user: String { project.manager == .bun ? "bun" : "node" }
    private var base: String {
        project.manager == .bun ? "oven/bun:1-slim" : "node:\(project.version.text)-slim"
    }

    /// The image has npm, Yarn 1 and, up to Node 24, corepack, which installs the manager that
    /// package.json names.
    private var manager: [String] {
        switch project.manager {
        case .npm, .yarn, .bun: []
        case .pnpm where !project.pinsPackageManager: ["RUN npm install --global pnpm@10"]
        case .pnpm, .berry:
            [
                "RUN " + (project.hasCorepack ? "" : "npm install --global --force corepack && ")
                    + "corepack enable"
            ]
        }
    }

    private var install: [String] {
        let copyAll = "COPY --chown=\(user) . ."
        let installStep = "RUN \(installation)"
        guard !project.installNeedsSource else { return [copyAll, installStep] }
        let settings = [".npmrc", ".yarnrc.yml", ".yarnrc", "bunfig.toml"].filter(
            project.source.names.contains)
        let files = (["package.json"] + [project.lockFile].compactMap { $0 } + settings).joined(
            separator: " ")
        return ["COPY --chown=\(user) \(files) ./", installStep, "", copyAll]
    }

    /// Development dependencies are omitted unless the app has a build step.
    private var installation: String {
        let omitsDevelopment = build.isEmpty && !project.installNeedsSource && project.startsWithNodeAlone
        switch project.manager {
        case .npm:
            return (project.lockFile == nil ? "npm install" : "npm ci")
                + (omitsDevelopment ? " --omit=dev" : "")
                + " --no-audit --no-fund"
        case .yarn:
            return "yarn install" + (project.lockFile == nil ? "" : " --frozen-lockfile")
                + (omitsDevelopment ? " --production" : "")
        case .berry: return "yarn install" + (project.lockFile == nil ? "" : " --immutable")
        case .pnpm:
            return "pnpm install" + (project.lockFile == nil ? "" : " --frozen-lockfile")
                + (omitsDevelopment ? " --prod" : "")
        case .bun:
            return "bun install" + (project.lockFile == nil ? "" : " --frozen-lockfile")
                + (omitsDevelopment ? " --production" : "")
        }
    }

    private var build: [String] {
        project.script("build") == nil ? [] : ["RUN \(project.manager.command) run build"]
    }
}

extension NodeProject {
    fileprivate var hasCorepack: Bool { (Int(version.text) ?? 0) < 25 }

    /// Whether the start script runs plain `node`, without tools that may be development dependencies.
    fileprivate var startsWithNodeAlone: Bool {
        guard let words = script("start")?.split(separator: " ") else { return true }
        let loaderOptions = ["-r", "--require", "--import", "--loader", "--experimental-loader"]
        return words.first == "node"
            && !words.contains { word in loaderOptions.contains { word.hasPrefix($0) } }
    }
}

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
            reason = "\(file) is started and must listen on HOST and PORT"
            return
        }
        let tool = script.split(separator: " ").first.map(String.init) ?? ""
        arguments = run + ["start"]
        reason = "the start script is run: \(script.prefix(80))"
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

import Essentials
import Reporting
import TextTools

/// The environment, working directory and streams of a run of the program. Commands get them as a
/// value, so that tests can pass other ones.
package struct CommandEnvironment: Sendable {
    package var variables: [String: String]
    /// An absolute path.
    package var directory: String
    var out: Terminal
    var err: Terminal
    /// Whether standard input is a terminal, so that the user can be asked.
    let canAsk: Bool
    /// Whether the Hub exists only during the run (`demo`).
    var isHubTemporary = false
    /// The commit that this binary was built from, and its date; `nil` if it is not a release.
    private(set) var build: String?

    /// Returns the environment of this process.
    /// - Parameter build: commit and date of a release; empty otherwise.
    package static func process(build: String) -> CommandEnvironment {
        Terminal.reserveStandardDescriptors()
        let out = Terminal(descriptor: 1)
        let err = Terminal(descriptor: 2)
        return CommandEnvironment(
            variables: ProcessInfo.processInfo.environment,
            directory: FileManager.default.currentDirectoryPath, out: out, err: err,
            canAsk: isatty(0) == 1 && err.isTerminal, build: build.isEmpty ? nil : build)
    }

    /// The value of an environment variable; `nil` if it is unset or empty.
    subscript(_ name: String) -> String? {
        variables[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Whether `CI` is set and is not `0`, `false`, `no` or `off`.
    var isContinuousIntegration: Bool {
        self["CI"].map { !["0", "false", "no", "off"].contains($0.lowercased()) } ?? false
    }

    var home: String? { self["HOME"] }
    var configHome: String? { self["XDG_CONFIG_HOME"] ?? home.map { $0 + "/.config" } }
    var cacheHome: String? { self["XDG_CACHE_HOME"] ?? home.map { $0 + "/.cache" } }

    /// Returns the absolute path of a path given by the user; `~` is expanded.
    func absolute(_ path: String, from base: String? = nil) -> String {
        if path == "~" || path.hasPrefix("~/"), let home { return home + path.dropFirst() }
        let fullPath = path.hasPrefix("/") ? path : (base ?? directory) + "/" + path
        return URL(fileURLWithPath: fullPath).standardizedFileURL.path
    }
}

/// The path of this program, chosen to stay valid after an update.
enum ExecutablePath {
    /// Returns the path under which this executable is found on PATH; if there is none, the
    /// executable's own path.
    static func path(in environment: CommandEnvironment) -> String {
        let real = file
        let invoked = CommandLine.arguments.first ?? "spacesync"
        let names = Set([invoked.lastPathComponent, "spacesync"])
        let directories = (environment["PATH"] ?? "").split(separator: ":").filter { $0.hasPrefix("/") }
        let candidates =
            (invoked.contains("/") ? [environment.absolute(invoked)] : [])
            + directories.flatMap { directory in names.sorted().map { "\(directory)/\($0)" } }
        return candidates.first { resolved($0) == real } ?? real
    }

    /// The resolved path of the executable.
    static var file: String {
        #if os(Linux)
            resolved("/proc/self/exe")
        #else
            resolved(Bundle.main.executablePath ?? CommandLine.arguments[0])
        #endif
    }

    /// The executable for child processes: this program, even if its file has been replaced since.
    static var running: String {
        #if os(Linux)
            "/proc/self/exe"
        #else
            file
        #endif
    }

    private static func resolved(_ path: String) -> String {
        URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    }
}

/// The actor of a deploy, for the commit's trailer: the CI run with its actor, or `user@host`. In a
/// hook of a Git server, the user is the pusher, as set by gitolite, Gitea, GitLab, or a web server
/// by CGI (RFC 3875, 4.1.11).
enum DeployActor {
    static func name(in environment: CommandEnvironment) -> String {
        if let server = environment["GITHUB_SERVER_URL"], let repository = environment["GITHUB_REPOSITORY"],
            let run = environment["GITHUB_RUN_ID"]
        {
            let page = "\(server.redactedURL)/\(repository)/actions/runs/\(run)"
            return page + (environment["GITHUB_ACTOR"].map { " (\($0.shortened(to: 100)))" } ?? "")
        }
        let pusher = [
            "GL_USERNAME", "GL_USER", "GITEA_PUSHER_NAME", "REMOTE_USER", "GITLAB_USER_LOGIN",
        ].lazy.compactMap {
            environment[$0]
        }
        let user =
            pusher.first ?? environment["USER"] ?? environment["LOGNAME"] ?? ProcessInfo.processInfo.userName
        return "\(user)@\(host)"
    }

    /// The system's host name; `ProcessInfo.hostName` may use the network.
    private static var host: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

import Essentials
import Reporting

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

    /// Returns the environment of this process.
    package static func process() -> CommandEnvironment {
        Terminal.reserveStandardDescriptors()
        let out = Terminal(descriptor: 1)
        let err = Terminal(descriptor: 2)
        return CommandEnvironment(
            variables: ProcessInfo.processInfo.environment,
            directory: FileManager.default.currentDirectoryPath, out: out, err: err,
            canAsk: isatty(0) == 1 && err.isTerminal)
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

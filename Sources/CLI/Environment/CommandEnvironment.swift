import Essentials
import Reporting

/// What a run of the program stands in: its environment, directory and streams. Commands get it as a value, so that a
/// test can give them another.
package struct CommandEnvironment: Sendable {
    package var variables: [String: String]
    /// Absolute.
    package var directory: String
    var out: Terminal
    var err: Terminal
    /// Standard input is a terminal where somebody can answer.
    let canAsk: Bool
    /// The Hub goes when the run does (`demo`).
    var isHubTemporary = false

    /// The process's own.
    package static func process() -> CommandEnvironment {
        Terminal.reserveStandardDescriptors()
        let out = Terminal(descriptor: 1)
        let err = Terminal(descriptor: 2)
        return CommandEnvironment(
            variables: ProcessInfo.processInfo.environment,
            directory: FileManager.default.currentDirectoryPath, out: out, err: err,
            canAsk: isatty(0) == 1 && err.isTerminal)
    }

    /// An environment variable that is set to something.
    subscript(_ name: String) -> String? {
        variables[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// `CI` is set, and not to `0`, `false`, `no` or `off`.
    var isContinuousIntegration: Bool {
        self["CI"].map { !["0", "false", "no", "off"].contains($0.lowercased()) } ?? false
    }

    var home: String? { self["HOME"] }
    var configHome: String? { self["XDG_CONFIG_HOME"] ?? home.map { $0 + "/.config" } }
    var cacheHome: String? { self["XDG_CACHE_HOME"] ?? home.map { $0 + "/.cache" } }

    /// A path as a person in this directory means it.
    func absolute(_ path: String, from base: String? = nil) -> String {
        if path == "~" || path.hasPrefix("~/"), let home { return home + path.dropFirst() }
        let whole = path.hasPrefix("/") ? path : (base ?? directory) + "/" + path
        return URL(fileURLWithPath: whole).standardizedFileURL.path
    }
}

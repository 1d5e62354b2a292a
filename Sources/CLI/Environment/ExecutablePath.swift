import Essentials

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

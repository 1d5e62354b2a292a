import Essentials

/// The program that runs, by a path that outlives an update.
enum ExecutablePath {
    /// As it is found on the PATH, where that is this very file; else the file itself.
    static func path(in environment: CommandEnvironment) -> String {
        let real = file
        let called = CommandLine.arguments.first ?? "spacesync"
        let names = Set([called.lastPathComponent, "spacesync"])
        let places = (environment["PATH"] ?? "").split(separator: ":").filter { $0.hasPrefix("/") }
        let candidates =
            (called.contains("/") ? [environment.absolute(called)] : [])
            + places.flatMap { place in names.sorted().map { "\(place)/\($0)" } }
        return candidates.first { resolved($0) == real } ?? real
    }

    /// The file itself.
    static var file: String {
        #if os(Linux)
            resolved("/proc/self/exe")
        #else
            resolved(Bundle.main.executablePath ?? CommandLine.arguments[0])
        #endif
    }

    /// What a child of this process is to run: this program, even where its file was replaced meanwhile.
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

import Foundation

/// A child in a session of its own: what ends its parent, or the terminal that stands behind it, does not reach it. It
/// holds none of the parent's files.
struct Detached: Sendable {
    let id: pid_t

    /// - Parameters:
    ///   - program: an absolute path.
    ///   - input: what it reads.
    ///   - output: what it writes standard output and standard error to.
    /// - Returns: nil where the system starts none.
    init?(
        _ program: String, _ arguments: [String], environment: [String: String], input: Int32, output: Int32
    ) {
        Self.closeInChildren()
        #if os(Linux)
            var (files, how) = (posix_spawn_file_actions_t(), posix_spawnattr_t())
        #else
            var (files, how): (posix_spawn_file_actions_t?, posix_spawnattr_t?)
        #endif
        posix_spawn_file_actions_init(&files)
        posix_spawnattr_init(&how)
        defer {
            posix_spawn_file_actions_destroy(&files)
            posix_spawnattr_destroy(&how)
        }
        for (place, file) in [(0, input), (1, output), (2, output)] {
            posix_spawn_file_actions_adddup2(&files, file, Int32(place))
        }
        Self.setSession(&how)
        var words: [UnsafeMutablePointer<CChar>?] = (["spacesync"] + arguments).map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { (words + variables).forEach { free($0) } }
        var id: pid_t = 0
        guard posix_spawn(&id, program, &files, &how, &words, &variables) == 0 else { return nil }
        self.id = id
    }

    #if os(Linux)
        private typealias Attributes = posix_spawnattr_t
    #else
        private typealias Attributes = posix_spawnattr_t?
    #endif

    /// A session of its own, and signals as a program expects them: the threads of a pool block them, and this
    /// process ignores some.
    private static func setSession(_ how: inout Attributes) {
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigemptyset(&all)
        for signal in [SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM] { sigaddset(&all, signal) }
        posix_spawnattr_setsigmask(&how, &none)
        posix_spawnattr_setsigdefault(&how, &all)
        posix_spawnattr_setflags(
            &how, Int16(newSession | Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF)))
    }

    /// `POSIX_SPAWN_SETSID`, which `spawn.h` shows to GNU sources alone (glibc and musl agree; then Darwin's).
    #if os(Linux)
        private static let newSession: Int32 = 0x80
    #else
        private static let newSession: Int32 = 0x400
    #endif

    /// A pipe that a child held would keep its reader waiting as long as the child lives.
    private static func closeInChildren() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/dev/fd")) ?? []
        for file in names.compactMap({ Int32($0) }) where file > 2 { _ = fcntl(file, F_SETFD, FD_CLOEXEC) }
    }

    /// How it ended; nil while it runs.
    func ended() -> Int32? {
        var status: Int32 = 0
        return waitpid(id, &status, WNOHANG) == 0 ? nil : status
    }
}

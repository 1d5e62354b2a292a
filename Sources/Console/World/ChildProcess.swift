import Foundation

/// A child process, by posix_spawn(3). In a session of its own it inherits the descriptors that it is given and no others.
struct ChildProcess: Sendable {
    let id: pid_t

    /// - Parameters:
    ///   - program: an absolute path.
    ///   - descriptors: the child's descriptors, by the number that they have in the child.
    ///   - newSession: true: what ends the parent, or the terminal behind it, does not reach the child.
    /// - Returns: `nil` if the system can't start it.
    init?(
        _ program: String, _ arguments: [String], environment: [String: String],
        descriptors: KeyValuePairs<Int32, Int32>, newSession: Bool
    ) {
        if newSession { Self.closeInChildren() }
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
        for (number, file) in descriptors { posix_spawn_file_actions_adddup2(&files, file, number) }
        Self.setSignals(&how, newSession: newSession)
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

    /// Signals as a program expects them: the threads of a pool block them, and this process ignores some.
    private static func setSignals(_ how: inout Attributes, newSession: Bool) {
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigemptyset(&all)
        for signal in [SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGXFSZ] { sigaddset(&all, signal) }
        posix_spawnattr_setsigmask(&how, &none)
        posix_spawnattr_setsigdefault(&how, &all)
        let session = newSession ? Self.setsid : 0
        posix_spawnattr_setflags(
            &how, Int16(session | Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF)))
    }

    /// `POSIX_SPAWN_SETSID`, which `spawn.h` shows to GNU sources alone (glibc and musl agree; then Darwin's).
    #if os(Linux)
        private static let setsid: Int32 = 0x80
    #else
        private static let setsid: Int32 = 0x400
    #endif

    /// A pipe that a child held would keep its reader waiting as long as the child lives.
    private static func closeInChildren() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/dev/fd")) ?? []
        for file in names.compactMap({ Int32($0) }) where file > 2 { _ = fcntl(file, F_SETFD, FD_CLOEXEC) }
    }

    /// Its wait status (`waitpid(2)`); `nil` while it runs.
    func ended() -> Int32? {
        var status: Int32 = 0
        return waitpid(id, &status, WNOHANG) == 0 ? nil : status
    }

    /// The signal that ended a process with this wait status; `nil` if it exited.
    static func signal(of status: Int32) -> Int32? { status & 0x7f == 0 ? nil : status & 0x7f }
    static func exitCode(of status: Int32) -> Int32 { (status >> 8) & 0xff }
}

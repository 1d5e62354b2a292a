internal import CSpawn

/// A child process started with `posix_spawn(3)`. It inherits the given descriptors, no blocked
/// signals, and by default no other open file.
package struct ChildProcess: Sendable {
    package let id: Int32

    /// - Parameters:
    ///   - program: an absolute path.
    ///   - name: the program's `argv[0]`; `nil` for its path.
    ///   - directory: the child's working directory; `nil` for that of this process.
    ///   - descriptors: the descriptors that the child inherits, by their number in the child.
    ///   - newSession: whether the child gets its own session, so that signals to the parent's process
    ///     group or terminal do not reach the child.
    ///   - inheritsOpenFiles: whether other open files without `FD_CLOEXEC` stay open in the child.
    /// - Returns: `nil` if the program could not be started; `errno` has the reason.
    package init?(
        _ program: String, _ arguments: [String], name: String? = nil, environment: [String: String],
        directory: String? = nil, descriptors: KeyValuePairs<Int32, Int32>, newSession: Bool = false,
        inheritsOpenFiles: Bool = false
    ) {
        // Descriptors below `first` are duplicated to higher numbers: dup2 in the child could overwrite
        // them otherwise.
        let first = max(3, (descriptors.map(\.key).max() ?? 2) + 1)
        let files = descriptors.map { ($0, $1 < first ? fcntl($1, F_DUPFD_CLOEXEC, first) : $1) }
        let argv = [name ?? program] + arguments
        let firstClosed = inheritsOpenFiles ? nil : first
        let (failure, id) = Actions.with(files, closing: firstClosed, directory) { actions in
            Self.spawn(program, argv, environment, &actions, newSession: newSession)
        }
        for (file, descriptor) in zip(files, descriptors) where file.1 != descriptor.value && file.1 >= 0 {
            close(file.1)
        }
        self.id = id
        guard failure == 0 else {
            errno = failure
            return nil
        }
    }

    private static func spawn(
        _ program: String, _ arguments: [String], _ environment: [String: String],
        _ actions: inout Actions.Raw,
        newSession: Bool
    ) -> (failure: Int32, id: Int32) {
        #if os(Linux)
            var attributes = posix_spawnattr_t()
        #else
            var attributes: posix_spawnattr_t?
        #endif
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        setSignals(&attributes, newSession: newSession)
        var arguments: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { (arguments + variables).forEach { free($0) } }
        var id: Int32 = 0
        let failure = posix_spawn(&id, program, &actions, &attributes, &arguments, &variables)
        return (failure, id)
    }

    #if os(Linux)
        private typealias Attributes = posix_spawnattr_t
    #else
        private typealias Attributes = posix_spawnattr_t?
    #endif

    /// Resets the child's signal mask and signal handlers: pool threads block signals, and this process
    /// ignores some.
    private static func setSignals(_ attributes: inout Attributes, newSession: Bool) {
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigemptyset(&all)
        for signal in [SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGXFSZ] { sigaddset(&all, signal) }
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        let session = newSession ? spacesync_spawn_setsid : 0
        posix_spawnattr_setflags(
            &attributes, session | Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))
    }

    /// Returns the wait status (`waitpid(2)`); `nil` if the process is still running.
    package func pollExitStatus() -> Int32? {
        var status: Int32 = 0
        return waitpid(id, &status, WNOHANG) == 0 ? nil : status
    }

    /// Returns the signal that terminated a process with this wait status; `nil` if the process exited.
    package static func signal(of status: Int32) -> Int32? { status & 0x7f == 0 ? nil : status & 0x7f }
    package static func exitCode(of status: Int32) -> Int32 { (status >> 8) & 0xff }
}

/// The file actions of `posix_spawn`: the child's descriptors and working directory.
private enum Actions {
    #if os(Linux)
        typealias Raw = posix_spawn_file_actions_t
    #else
        typealias Raw = posix_spawn_file_actions_t?
    #endif

    /// Calls `work` with initialised file actions and frees the actions afterwards.
    /// - Parameter closing: the lowest descriptor that is closed in the child, with all above it; `nil`
    ///   to close none.
    static func with<Result>(
        _ files: [(number: Int32, file: Int32)], closing first: Int32?, _ directory: String?,
        _ work: (inout Raw) -> Result
    ) -> Result {
        #if os(Linux)
            var actions = Raw()
        #else
            var actions: Raw = nil
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, file) in files { posix_spawn_file_actions_adddup2(&actions, file, number) }
        if let directory { spacesync_spawn_change_directory(&actions, directory) }
        if let first, spacesync_spawn_close_from(&actions, first) != 0 { closeInChildren(from: first) }
        return work(&actions)
    }

    /// Sets `FD_CLOEXEC` on all descriptors from `first` on: the reader of a pipe does not see its end
    /// while a child has the writing end open.
    private static func closeInChildren(from first: Int32) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/dev/fd")) ?? []
        for file in names.compactMap({ Int32($0) }) where file >= first {
            _ = fcntl(file, F_SETFD, FD_CLOEXEC)
        }
    }
}

import Synchronization

/// A child process whose exit is awaited on a separate thread, so that no pool thread blocks.
package final class WatchedProcess: Sendable {
    private struct State {
        var status: Int32?
        var waiting: [CheckedContinuation<Int32, Never>] = []
    }

    private let process: ChildProcess
    private let state = Mutex(State())

    package init(_ process: ChildProcess) {
        self.process = process
        startThread { [self] in reap() }
    }

    /// Waits for the process to end.
    /// - Returns: the exit code; 128 plus the signal number if a signal ended the process.
    package func waitForExit() async -> Int32 {
        await withCheckedContinuation { continuation in
            let status: Int32? = state.withLock { state in
                if state.status == nil { state.waiting.append(continuation) }
                return state.status
            }
            if let status { continuation.resume(returning: status) }
        }
    }

    /// Sends SIGTERM to the process if it has not ended.
    package func terminate() {
        state.withLock { state in if state.status == nil { _ = kill(process.id, SIGTERM) } }
    }

    /// Waits for the exit with `WNOWAIT` first: the process id is not reused until the final `waitpid`,
    /// so `terminate` cannot signal another process.
    private func reap() {
        var info = siginfo_t()
        while waitid(P_PID, id_t(process.id), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        let (code, waiting) = state.withLock { state in
            var status: Int32 = 0
            while waitpid(process.id, &status, 0) < 0, errno == EINTR {}
            let code = ChildProcess.signal(of: status).map { 128 + $0 } ?? ChildProcess.exitCode(of: status)
            defer { (state.status, state.waiting) = (code, []) }
            return (code, state.waiting)
        }
        for continuation in waiting { continuation.resume(returning: code) }
    }
}

import Synchronization

/// A child process that is waited for on a thread of its own, so that no thread of a pool blocks.
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

    /// The exit code, once it ended; 128 and the signal's number when a signal ended it.
    package func waitForExit() async -> Int32 {
        await withCheckedContinuation { continuation in
            let known: Int32? = state.withLock { state in
                if state.status == nil { state.waiting.append(continuation) }
                return state.status
            }
            if let known { continuation.resume(returning: known) }
        }
    }

    /// Asks it to end (SIGTERM), if it has not ended.
    package func terminate() {
        state.withLock { state in if state.status == nil { _ = kill(process.id, SIGTERM) } }
    }

    /// Until the last wait the id stays the process's own, so no signal can reach another one.
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
        for one in waiting { one.resume(returning: code) }
    }
}

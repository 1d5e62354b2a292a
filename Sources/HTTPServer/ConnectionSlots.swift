import Essentials
import Synchronization

/// Semaphore that limits the open connections of a server.
final class ConnectionSlots: Sendable {
    private struct State {
        var free: Int
        var waiting: CheckedContinuation<Bool, Never>?
    }

    private let state: Mutex<State>

    init(_ limit: Int) { state = Mutex(State(free: max(1, limit))) }

    /// Waits until a connection may be accepted. Only one task may wait at a time.
    /// - Returns: false if the task was cancelled.
    func acquire() async -> Bool {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let result: Bool? = state.withLock { state in
                    if Task.isCancelled { return false }
                    if state.free > 0 {
                        state.free -= 1
                        return true
                    }
                    state.waiting = continuation
                    return nil
                }
                if let result { continuation.resume(returning: result) }
            }
        } onCancel: {
            let waiting = state.withLock { state in
                defer { state.waiting = nil }
                return state.waiting
            }
            waiting?.resume(returning: false)
        }
    }

    func release() {
        let waiting = state.withLock { state in
            defer { state.waiting = nil }
            if state.waiting == nil { state.free += 1 }
            return state.waiting
        }
        waiting?.resume(returning: true)
    }
}

extension Server.Options {
    /// Returns the number of connections that the process's limit of file descriptors allows, after
    /// raising the soft limit to at most 4,096 (as far as the hard limit allows).
    /// - Parameters:
    ///   - perConnection: descriptors that one request may use: its socket, a file, the pipes of a
    ///     child process.
    ///   - reserved: descriptors for everything else.
    package static func connectionsForDescriptors(perConnection: Int, reserved: Int) -> Int {
        var limit = rlimit()
        #if canImport(Glibc)
            let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let kind = RLIMIT_NOFILE
        #endif
        guard getrlimit(kind, &limit) == 0 else { return 64 }
        let desiredLimit = min(limit.rlim_max, 4_096)
        if limit.rlim_cur < desiredLimit {
            limit.rlim_cur = desiredLimit
            _ = setrlimit(kind, &limit)
        }
        let descriptors = Int(min(limit.rlim_cur, 1 << 20))
        return min(512, max(1, (descriptors - reserved) / max(1, perConnection)))
    }
}

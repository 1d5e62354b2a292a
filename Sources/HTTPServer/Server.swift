import Essentials
import Synchronization

/// A small HTTP/1.1 server, which accepts connections and passes their requests to a handler.
package actor Server {
    package struct Options: Sendable {
        /// The time without input after which a connection is closed.
        package var idleLimit: Duration = .seconds(120)
        /// The most concurrent connections; further ones wait in the backlog of the listening socket.
        package var connectionLimit = 512
        /// Called for each request, before the last byte of the response is sent.
        package var observer: Observer = { _ in }

        package init() {}
    }

    package typealias Observer = @Sendable (AccessLogEntry) async -> Void

    /// The port of the listening socket.
    package nonisolated let port: UInt16
    private let running: Task<Void, Never>

    /// Starts serving in the background.
    package init(_ listener: Listener, _ options: Options = Options(), handler: @escaping Handler) {
        port = listener.port
        running = Task {
            await withDiscardingTaskGroup { group in
                let slots = ConnectionSlots(options.connectionLimit)
                var last = 0
                while await slots.acquire() {
                    guard let socket = await listener.accept() else { break }
                    last += 1
                    let number = last
                    group.addTask {
                        await Connection(socket, number, options, handler: handler).serve()
                        slots.release()
                    }
                }
                group.cancelAll()
            }
        }
    }

    /// Stops listening, cancels the running requests, and waits until they have ended.
    package func stop() async {
        running.cancel()
        await running.value
    }

    deinit { running.cancel() }
}

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

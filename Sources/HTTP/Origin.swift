import Essentials
import Synchronization

/// Scheme, host and port of a URL (RFC 6454): the scope of a token, and the server named in errors.
package struct Origin: Hashable, Sendable, CustomStringConvertible {
    package let scheme: String
    package let host: String
    package let port: Int

    package init?(_ url: URL) {
        guard let scheme = url.scheme?.lowercased(), let host = url.host?.lowercased(), !host.isEmpty else {
            return nil
        }
        // Other URL parsers might see a different host if it had other characters.
        let isPlain = host.utf8.allSatisfy { byte in
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
                || "-._:[]".utf8.contains(byte)
        }
        guard isPlain else { return nil }
        self.scheme = scheme
        self.host = host.trimmingBrackets()
        port = url.port ?? (scheme == "https" ? 443 : 80)
    }

    /// The host, with the port if it is not the scheme's default.
    package var description: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (scheme == "https" ? 443 : 80) ? name : "\(name):\(port)"
    }

    /// Whether the host is `localhost`, `*.localhost`, in 127.0.0.0/8, or ::1.
    package var isLoopback: Bool {
        if host == "localhost" || host.hasSuffix(".localhost") || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}

/// FIFO semaphore that limits the concurrent requests per origin. Time spent waiting here does not
/// count towards a request's time limits.
final class OriginSemaphore: Sendable {
    private struct OriginState {
        var inUse = 0
        var waiting: [(number: Int, continuation: CheckedContinuation<Bool, Never>)] = []
    }

    private struct State {
        var origins: [Origin: OriginState] = [:]
        var last = 0
        /// The numbers of requests that were cancelled before they began to wait.
        var cancelled: Set<Int> = []
    }

    private let limit: Int
    private let state = Mutex(State())

    init(_ limit: Int) { self.limit = max(1, limit) }

    private static let instances = Mutex<[Int: OriginSemaphore]>([:])

    /// Returns the semaphore that all clients with this limit share.
    static func shared(_ limit: Int) -> OriginSemaphore {
        instances.withLock { instances in
            let semaphore = instances[limit] ?? OriginSemaphore(limit)
            instances[limit] = semaphore
            return semaphore
        }
    }

    /// Waits until a request to the origin may start. Each success must be balanced by `release`.
    /// - Returns: false if the task was cancelled; `release` must not be called then.
    func acquire(_ origin: Origin) async -> Bool {
        let number = state.withLock { state in
            state.last += 1
            return state.last
        }
        let isAcquired = await withTaskCancellationHandler {
            await withCheckedContinuation { enqueue(number, $0, at: origin) }
        } onCancel: {
            cancel(number, at: origin)
        }
        // Removes the mark of a cancellation that arrived after the semaphore was acquired.
        state.withLock { _ = $0.cancelled.remove(number) }
        return isAcquired
    }

    private func enqueue(_ number: Int, _ continuation: CheckedContinuation<Bool, Never>, at origin: Origin) {
        let result: Bool? = state.withLock { state in
            if state.cancelled.remove(number) != nil { return false }
            guard state.origins[origin, default: OriginState()].inUse >= limit else {
                state.origins[origin, default: OriginState()].inUse += 1
                return true
            }
            state.origins[origin, default: OriginState()].waiting.append((number, continuation))
            return nil
        }
        if let result { continuation.resume(returning: result) }
    }

    private func cancel(_ number: Int, at origin: Origin) {
        let waiting = state.withLock { state in
            guard let index = state.origins[origin]?.waiting.firstIndex(where: { $0.number == number }) else {
                state.cancelled.insert(number)
                return nil as CheckedContinuation<Bool, Never>?
            }
            return state.origins[origin]?.waiting.remove(at: index).continuation
        }
        waiting?.resume(returning: false)
    }

    func release(_ origin: Origin) {
        let next = state.withLock { state in
            guard state.origins[origin]?.waiting.isEmpty == false else {
                state.origins[origin]?.inUse -= 1
                return nil as CheckedContinuation<Bool, Never>?
            }
            return state.origins[origin]?.waiting.removeFirst().continuation
        }
        next?.resume(returning: true)
    }
}

import Synchronization

/// Room for so many exchanges with one origin at a time, given in the order in which it was asked for. No limit counts
/// for what waits here.
final class OriginSemaphore: Sendable {
    private struct OriginState {
        var inUse = 0
        var waiting: [(number: Int, continuation: CheckedContinuation<Bool, Never>)] = []
    }

    private struct State {
        var origins: [Origin: OriginState] = [:]
        var last = 0
        /// Cancelled before they began to wait.
        var cancelled: Set<Int> = []
    }

    private let limit: Int
    private let state = Mutex(State())

    init(_ limit: Int) { self.limit = max(1, limit) }

    private static let instances = Mutex<[Int: OriginSemaphore]>([:])

    /// The places that all clients with this limit share.
    static func shared(_ limit: Int) -> OriginSemaphore {
        instances.withLock { known in
            let places = known[limit] ?? OriginSemaphore(limit)
            known[limit] = places
            return places
        }
    }

    /// Waits for a place, which is given back by `leave`.
    /// - Returns: false when cancelled: there is no place.
    func acquire(_ origin: Origin) async -> Bool {
        let number = state.withLock { state in
            state.last += 1
            return state.last
        }
        let isIn = await withTaskCancellationHandler {
            await withCheckedContinuation { enqueue(number, $0, at: origin) }
        } onCancel: {
            cancel(number, at: origin)
        }
        // A cancellation that came when the place was given.
        state.withLock { _ = $0.cancelled.remove(number) }
        return isIn
    }

    private func enqueue(_ number: Int, _ continuation: CheckedContinuation<Bool, Never>, at origin: Origin) {
        let answer: Bool? = state.withLock { state in
            if state.cancelled.remove(number) != nil { return false }
            guard state.origins[origin, default: OriginState()].inUse >= limit else {
                state.origins[origin, default: OriginState()].inUse += 1
                return true
            }
            state.origins[origin, default: OriginState()].waiting.append((number, continuation))
            return nil
        }
        if let answer { continuation.resume(returning: answer) }
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

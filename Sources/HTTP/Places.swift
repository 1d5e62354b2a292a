import Synchronization

/// Room for so many exchanges with one origin at a time, given in the order in which it was asked for. No limit counts
/// for what waits here.
final class Places: Sendable {
    private struct Room {
        var taken = 0
        var waiting: [(number: Int, continuation: CheckedContinuation<Bool, Never>)] = []
    }

    private struct State {
        var rooms: [Origin: Room] = [:]
        var last = 0
        /// Cancelled before they began to wait.
        var gone: Set<Int> = []
    }

    private let limit: Int
    private let state = Mutex(State())

    init(_ limit: Int) { self.limit = max(1, limit) }

    private static let known = Mutex<[Int: Places]>([:])

    /// The places that all clients with this limit share.
    static func shared(_ limit: Int) -> Places {
        known.withLock { known in
            let places = known[limit] ?? Places(limit)
            known[limit] = places
            return places
        }
    }

    /// Waits for a place, which is given back by `leave`.
    /// - Returns: false when cancelled: there is no place.
    func enter(_ origin: Origin) async -> Bool {
        let number = state.withLock { state in
            state.last += 1
            return state.last
        }
        let isIn = await withTaskCancellationHandler {
            await withCheckedContinuation { begin(number, $0, at: origin) }
        } onCancel: {
            cancel(number, at: origin)
        }
        // A cancellation that came when the place was given.
        state.withLock { _ = $0.gone.remove(number) }
        return isIn
    }

    private func begin(_ number: Int, _ continuation: CheckedContinuation<Bool, Never>, at origin: Origin) {
        let answer: Bool? = state.withLock { state in
            if state.gone.remove(number) != nil { return false }
            guard state.rooms[origin, default: Room()].taken >= limit else {
                state.rooms[origin, default: Room()].taken += 1
                return true
            }
            state.rooms[origin, default: Room()].waiting.append((number, continuation))
            return nil
        }
        if let answer { continuation.resume(returning: answer) }
    }

    private func cancel(_ number: Int, at origin: Origin) {
        let waiting = state.withLock { state in
            guard let index = state.rooms[origin]?.waiting.firstIndex(where: { $0.number == number }) else {
                state.gone.insert(number)
                return nil as CheckedContinuation<Bool, Never>?
            }
            return state.rooms[origin]?.waiting.remove(at: index).continuation
        }
        waiting?.resume(returning: false)
    }

    func leave(_ origin: Origin) {
        let next = state.withLock { state in
            guard state.rooms[origin]?.waiting.isEmpty == false else {
                state.rooms[origin]?.taken -= 1
                return nil as CheckedContinuation<Bool, Never>?
            }
            return state.rooms[origin]?.waiting.removeFirst().continuation
        }
        next?.resume(returning: true)
    }
}

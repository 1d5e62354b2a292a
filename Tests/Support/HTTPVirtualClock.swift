import Synchronization

/// A clock whose time advances only when all tasks wait: it then jumps to the end of the next wait. A
/// scenario of minutes takes milliseconds, with its events in the right order.
package final class VirtualClock: Clock, Sendable {
    package typealias Instant = EagerClock.Instant

    private struct Sleeper {
        var id: Int
        var end: Duration
        var wake: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now = Duration.zero
        var sleepers: [Sleeper] = []
        var next = 0
        /// The number of waits started and cancelled so far, for detecting activity.
        var changes = 0
    }

    private let state = Mutex(State())

    package init() {}
    package var now: Instant { Instant(offset: state.withLock { $0.now }) }
    package var minimumResolution: Duration { .zero }

    package func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let id = state.withLock { state in
            defer { (state.next, state.changes) = (state.next + 1, state.changes + 1) }
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { wake in
                let isLate = state.withLock { state in
                    guard !Task.isCancelled, deadline.offset > state.now else { return true }
                    state.sleepers.append(Sleeper(id: id, end: deadline.offset, wake: wake))
                    return false
                }
                guard isLate else { return }
                Task.isCancelled ? wake.resume(throwing: CancellationError()) : wake.resume()
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                state.changes += 1
                return state.sleepers.firstIndex { $0.id == id }.map { state.sleepers.remove(at: $0) }
            }
            sleeper?.wake.resume(throwing: CancellationError())
        }
    }

    /// Advances the time while the body runs.
    package func passing<Result: Sendable>(
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let mover = Task {
            while !Task.isCancelled {
                await settle()
                advance()
            }
        }
        defer { mover.cancel() }
        return try await body()
    }

    /// Waits until no wait has started or been cancelled for about 0.6 ms of real time.
    private func settle() async {
        var (lastChanges, idleChecks) = (-1, 0)
        while idleChecks < 2 {
            try? await Task.sleep(for: .microseconds(300))
            let changes = state.withLock { $0.changes }
            (lastChanges, idleChecks) = (changes, changes == lastChanges ? idleChecks + 1 : 0)
        }
    }

    private func advance() {
        let due = state.withLock { state -> [Sleeper] in
            guard let end = state.sleepers.map(\.end).min() else { return [] }
            state.now = max(state.now, end)
            let due = state.sleepers.filter { $0.end <= state.now }
            state.sleepers.removeAll { $0.end <= state.now }
            return due
        }
        for sleeper in due { sleeper.wake.resume() }
    }
}

import Essentials
import Synchronization

/// Sleeps between passes, and wakes at SIGHUP. One that rings while a pass is at it counts for the next sleep.
final class Alarm: Sendable {
    private struct State {
        var hasRung = false
        var nap: Task<Void, Never>?
    }

    private let state = Mutex(State())

    /// Hears the signal for as long as what it returns is kept.
    func listening() -> any DispatchSourceSignal {
        // The default action would end the process before the source hears of it.
        signal(SIGHUP, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGHUP)
        source.setEventHandler { self.ring() }
        source.resume()
        return source
    }

    private func ring() {
        state.withLock { state in
            state.hasRung = true
            state.nap?.cancel()
        }
    }

    /// - Returns: whether it was woken.
    func sleep(_ time: Duration) async -> Bool {
        let nap = Task { () in _ = try? await Task.sleep(for: time) }
        state.withLock { state in
            if state.hasRung { nap.cancel() } else { state.nap = nap }
        }
        await withTaskCancellationHandler {
            await nap.value
        } onCancel: {
            nap.cancel()
        }
        return state.withLock { state in
            defer { state = State() }
            return state.hasRung
        }
    }
}

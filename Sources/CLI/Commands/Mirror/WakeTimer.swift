import Essentials
import Synchronization

/// Sleeps between passes, and wakes at SIGHUP. One that rings while a pass is at it counts for the next sleep.
final class WakeTimer: Sendable {
    private struct State {
        var isWoken = false
        var sleepTask: Task<Void, Never>?
    }

    private let state = Mutex(State())

    /// Hears the signal for as long as what it returns is kept.
    func startListening() -> any DispatchSourceSignal {
        // The default action would end the process before the source hears of it.
        signal(SIGHUP, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGHUP)
        source.setEventHandler { self.wake() }
        source.resume()
        return source
    }

    private func wake() {
        state.withLock { state in
            state.isWoken = true
            state.sleepTask?.cancel()
        }
    }

    /// - Returns: whether it was woken.
    func sleep(_ time: Duration) async -> Bool {
        let nap = Task { () in _ = try? await Task.sleep(for: time) }
        state.withLock { state in
            if state.isWoken { nap.cancel() } else { state.sleepTask = nap }
        }
        await withTaskCancellationHandler {
            await nap.value
        } onCancel: {
            nap.cancel()
        }
        return state.withLock { state in
            defer { state = State() }
            return state.isWoken
        }
    }
}

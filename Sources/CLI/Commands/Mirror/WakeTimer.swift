import Essentials
import Synchronization

/// Sleeps between passes until the interval ends or SIGHUP arrives. A SIGHUP during a pass starts
/// the next one immediately.
final class WakeTimer: Sendable {
    private struct State {
        var isWoken = false
        var sleepTask: Task<Void, Never>?
    }

    private let state = Mutex(State())

    /// Starts handling SIGHUP, for as long as the returned source is kept.
    func startListening() -> any DispatchSourceSignal {
        // The default action would end the process before the source receives the signal.
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

    /// - Returns: whether SIGHUP ended the sleep.
    func sleep(_ time: Duration) async -> Bool {
        let sleepTask = Task { () in _ = try? await Task.sleep(for: time) }
        state.withLock { state in
            if state.isWoken { sleepTask.cancel() } else { state.sleepTask = sleepTask }
        }
        await withTaskCancellationHandler {
            await sleepTask.value
        } onCancel: {
            sleepTask.cancel()
        }
        return state.withLock { state in
            defer { state = State() }
            return state.isWoken
        }
    }
}

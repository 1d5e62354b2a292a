@preconcurrency import Dispatch
import Synchronization

/// Waits until a descriptor can be read or written, without holding a thread.
///
/// The source runs exactly while somebody waits: Dispatch would call again and again for a descriptor that stays
/// ready, and it traps when a suspended source is released.
final class Readiness: Sendable {
    private let source: any DispatchSourceProtocol
    private let state: Mutex<State>

    private enum State {
        case idle
        case waiting(CheckedContinuation<Bool, Never>)
        case closed
    }

    /// `whenClosed` runs once nothing watches the descriptor any more.
    init(_ source: any DispatchSourceProtocol, whenClosed: @escaping @Sendable () -> Void) {
        self.source = source
        state = Mutex(.idle)
        source.setEventHandler { [weak self] in self?.wake(true, closing: false) }
        source.setCancelHandler(handler: whenClosed)
    }

    /// True when ready; false when the task was cancelled or the descriptor closed.
    func wait() async -> Bool {
        await withTaskCancellationHandler {
            await withCheckedContinuation { start($0) }
        } onCancel: {
            wake(false, closing: false)
        }
    }

    /// Ends every wait, now and later.
    func close() { wake(false, closing: true) }

    private func start(_ continuation: CheckedContinuation<Bool, Never>) {
        let isRefused = state.withLock { state in
            // A cancellation that came before this wait found nobody to wake.
            guard case .idle = state, !Task.isCancelled else { return true }
            state = .waiting(continuation)
            source.resume()
            return false
        }
        if isRefused { continuation.resume(returning: false) }
    }

    private func wake(_ isReady: Bool, closing: Bool) {
        let waiting: CheckedContinuation<Bool, Never>? = state.withLock { state in
            switch state {
            case .closed: return nil
            case .idle:
                if closing {
                    state = .closed
                    source.cancel()
                    source.resume()
                }
                return nil
            case .waiting(let continuation):
                if closing { source.cancel() } else { source.suspend() }
                state = closing ? .closed : .idle
                return continuation
            }
        }
        waiting?.resume(returning: isReady)
    }

    deinit { close() }
}

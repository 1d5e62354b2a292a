import Essentials
import Synchronization

/// Watches all descriptors that somebody waits for, with one `poll(2)` on a thread of its own. Dispatch's sources on
/// Linux were tried first: suspended and resumed for each wait, they lost a wake-up now and then under load.
final class Poller: Sendable {
    static let shared = Poller()

    enum Interest: Sendable { case read, write }

    private struct Wait {
        var descriptor: Int32
        var interest: Interest
        var continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var waits: [UInt64: Wait] = [:]
        /// Cancelled before they began to wait.
        var cancelled: Set<UInt64> = []
        var next: UInt64 = 0
        var isRunning = false
    }

    private let state = Mutex(State())
    /// A byte in it makes the thread look again.
    private let wakePipe: (hears: Int32, rings: Int32)

    private init() {
        var ends: [Int32] = [-1, -1]
        _ = pipe(&ends)
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        wakePipe = (ends[0], ends[1])
    }

    /// True when the descriptor can be read or written, or has failed; false when the task was cancelled. Its owner
    /// keeps it open meanwhile.
    func wait(for interest: Interest, on descriptor: Int32) async -> Bool {
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        let isReady = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                register(number, Wait(descriptor: descriptor, interest: interest, continuation: continuation))
            }
        } onCancel: {
            cancel(number)
        }
        // A cancellation that came too late to end the wait has left its mark.
        state.withLock { _ = $0.cancelled.remove(number) }
        return isReady
    }

    private func register(_ number: UInt64, _ wait: Wait) {
        let (isRefused, isFirst) = state.withLock { state in
            if state.cancelled.remove(number) != nil { return (true, false) }
            state.waits[number] = wait
            defer { state.isRunning = true }
            return (false, !state.isRunning)
        }
        if isRefused { return wait.continuation.resume(returning: false) }
        isFirst ? startThread { [self] in runLoop() } : interruptPoll()
    }

    private func cancel(_ number: UInt64) {
        let wait = state.withLock { state in
            let wait = state.waits.removeValue(forKey: number)
            if wait == nil { state.cancelled.insert(number) }
            return wait
        }
        wait?.continuation.resume(returning: false)
    }

    private func interruptPoll() {
        var byte: UInt8 = 1
        _ = write(wakePipe.rings, &byte, 1)
    }

    private func runLoop() {
        while true {
            let waits = state.withLock { $0.waits.map { ($0.key, $0.value) } }
            var polled = [pollfd(fd: wakePipe.hears, events: Int16(POLLIN), revents: 0)]
            polled += waits.map { _, wait in
                let events = wait.interest == .read ? POLLIN : POLLOUT
                return pollfd(fd: wait.descriptor, events: Int16(events), revents: 0)
            }
            guard poll(&polled, nfds_t(polled.count), -1) > 0 else { continue }
            if polled[0].revents != 0 { drainWakePipe() }
            wake(zip(waits, polled.dropFirst()).filter { $1.revents != 0 }.map { $0.0.0 })
        }
    }

    private func drainWakePipe() {
        var bytes = [UInt8](repeating: 0, count: 256)
        while read(wakePipe.hears, &bytes, bytes.count) == bytes.count {}
    }

    private func wake(_ numbers: [UInt64]) {
        let ready = state.withLock { state in numbers.compactMap { state.waits.removeValue(forKey: $0) } }
        for wait in ready { wait.continuation.resume(returning: true) }
    }
}

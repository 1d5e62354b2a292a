import Essentials
import Synchronization

/// Watcher of all awaited descriptors with one `poll(2)` on a separate thread. Dispatch sources are not
/// used because on Linux, suspended and resumed for each wait, they occasionally lost a wake-up under
/// load.
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
        /// The numbers of waits that were cancelled before they were registered.
        var cancelled: Set<UInt64> = []
        var next: UInt64 = 0
        var isRunning = false
    }

    private let state = Mutex(State())
    /// A pipe that interrupts `poll` when a byte is written to it.
    private let wakePipe: (reading: Int32, writing: Int32)

    private init() {
        var ends: [Int32] = [-1, -1]
        _ = pipe(&ends)
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        wakePipe = (ends[0], ends[1])
    }

    /// Waits until the descriptor is readable or writable, or has an error. The caller must keep it open.
    /// - Returns: false if the task was cancelled.
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
        // Removes the mark of a cancellation that arrived after the wait had ended.
        state.withLock { _ = $0.cancelled.remove(number) }
        return isReady
    }

    private func register(_ number: UInt64, _ wait: Wait) {
        let (isCancelled, isFirst) = state.withLock { state in
            if state.cancelled.remove(number) != nil { return (true, false) }
            state.waits[number] = wait
            defer { state.isRunning = true }
            return (false, !state.isRunning)
        }
        if isCancelled { return wait.continuation.resume(returning: false) }
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
        _ = write(wakePipe.writing, &byte, 1)
    }

    private func runLoop() {
        while true {
            let waits = state.withLock { $0.waits.map { ($0.key, $0.value) } }
            var polled = [pollfd(fd: wakePipe.reading, events: Int16(POLLIN), revents: 0)]
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
        while read(wakePipe.reading, &bytes, bytes.count) == bytes.count {}
    }

    private func wake(_ numbers: [UInt64]) {
        let ready = state.withLock { state in numbers.compactMap { state.waits.removeValue(forKey: $0) } }
        for wait in ready { wait.continuation.resume(returning: true) }
    }
}

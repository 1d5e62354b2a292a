/// An asynchronous mutex that admits tasks in the order of their arrival.
package struct AsyncMutex: Sendable {
    private let semaphore = AsyncSemaphore(1)

    package init() {}

    /// Runs `work` while holding the lock. `work` must not lock the same mutex again.
    package func withLock<Value, Fault: Error>(
        isolation actor: isolated (any Actor)? = #isolation, _ work: () async throws(Fault) -> Value
    ) async throws(Fault) -> Value {
        await semaphore.wait()
        do throws(Fault) {
            let value = try await work()
            await semaphore.signal()
            return value
        } catch {
            await semaphore.signal()
            throw error
        }
    }
}

/// An asynchronous counting semaphore that admits tasks in the order of their arrival.
package actor AsyncSemaphore {
    private var available: Int
    private var waiters: [CheckedContinuation<Void, Never>] = []

    package init(_ count: Int) { available = max(1, count) }

    package func wait() async {
        guard available == 0 else { return available -= 1 }
        await withCheckedContinuation { waiters.append($0) }
    }

    package func signal() {
        if waiters.isEmpty { available += 1 } else { waiters.removeFirst().resume() }
    }
}

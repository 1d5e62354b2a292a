/// One at a time, in the order in which they came: who comes second finds what the first has done.
package struct AsyncMutex: Sendable {
    private let semaphore = AsyncSemaphore(1)

    package init() {}

    /// Does the work when it is its turn. Work must not take another turn of the same.
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

/// So many at a time, in the order in which they came.
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

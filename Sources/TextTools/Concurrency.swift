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

/// The value of work that runs concurrently with its caller.
package struct Concurrent<Value: Sendable>: Sendable {
    private let task: Task<Value, Never>

    fileprivate init(_ task: Task<Value, Never>) { self.task = task }

    /// Waits for the end of the work.
    package var value: Value { get async { await task.value } }
}

/// Runs `work` and `body` concurrently. When `body` ends, `work` is cancelled if it is still
/// running, and awaited. Cancellation of the caller reaches both.
/// - Throws: The error of `body`. `work` reports its errors in its value, so that the thrown error
///   does not depend on which of the two was faster.
package func withConcurrent<Value: Sendable, Output, Fault: Error>(
    _ work: @escaping @Sendable () async -> Value,
    _ body: (Concurrent<Value>) async throws(Fault) -> Output
) async throws(Fault) -> Output {
    // Immediate, so that the request of `work` is sent before the first request of `body`.
    let task = Task.immediate { await work() }
    let result = await withTaskCancellationHandler { () async -> Result<Output, Fault> in
        do throws(Fault) { return .success(try await body(Concurrent(task))) } catch {
            return .failure(error)
        }
    } onCancel: {
        task.cancel()
    }
    task.cancel()
    _ = await task.value
    return try result.get()
}

/// Runs work with a time limit. When the limit is reached or the calling task is cancelled, the
/// work's task is cancelled but not awaited: reading and comparing trees inside C code notices a
/// cancellation late, or never.
/// - Returns: The result of the work; `nil` if it had none when the limit was reached or the caller
///   was cancelled.
package func withTimeLimit<Value: Sendable>(
    _ limit: Duration, _ clock: any Clock<Duration>, _ work: @escaping @Sendable () async -> Value
) async -> Value? {
    let (results, first) = AsyncStream<Value?>.makeStream()
    let worker = Task { _ = first.yield(await work()) }
    let timer = Task {
        guard (try? await clock.sleep(for: limit)) != nil else { return }
        first.yield(nil)
    }
    defer {
        worker.cancel()
        timer.cancel()
    }
    var iterator = results.makeAsyncIterator()
    return await iterator.next() ?? nil
}

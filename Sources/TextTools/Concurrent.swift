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

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

import Testing

@testable import SpacesModel
@testable import TextTools

struct ConcurrentTests {
    /// Waits until the task is cancelled.
    private static func wait() async -> String {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        for await _ in stream {}
        continuation.finish()
        return Task.isCancelled ? "cancelled" : "ended"
    }

    private static let failure = DeployError(.refused, "the first error")

    @Test func `the body can read the value of the task repeatedly`() async throws {
        let values = try await withConcurrent({ 7 }) { (task) async throws(DeployError) in
            [await task.value, await task.value]
        }
        #expect(values == [7, 7])
    }

    @Test func `an error in the body cancels the task and is rethrown`() async throws {
        let (ends, feed) = AsyncStream<String>.makeStream()
        await #expect(throws: Self.failure) {
            try await withConcurrent({ feed.yield(await Self.wait()) }) { (_) async throws(DeployError) in
                throw Self.failure
            }
        }
        // The concurrent task has ended before the error was thrown.
        feed.finish()
        #expect(await Array(ends) == ["cancelled"])
    }

    @Test func `a cancellation is passed on to the task`() async throws {
        let task = Task {
            try await withConcurrent({ await Self.wait() }) { (concurrent) async throws(DeployError) in
                await concurrent.value
            }
        }
        task.cancel()
        #expect(try await task.value == "cancelled")
    }
}

extension Array {
    fileprivate init(_ stream: AsyncStream<Element>) async where Element: Sendable {
        self = []
        for await element in stream { append(element) }
    }
}

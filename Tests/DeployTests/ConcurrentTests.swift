import Testing

@testable import SpacesModel
@testable import TextTools

struct ConcurrentTests {
    /// Ends when its task is cancelled.
    private static func wait() async -> String {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        for await _ in stream {}
        continuation.finish()
        return Task.isCancelled ? "cancelled" : "ended"
    }

    private static let failure = DeployError(.refused, "the first error")

    @Test func `the value of the work is there for the body, once and again`() async throws {
        let both = try await withConcurrent({ 7 }) { (work) async throws(DeployError) in
            [await work.value, await work.value]
        }
        #expect(both == [7, 7])
    }

    @Test func `a body that fails ends the work, and its error is the one that counts`() async throws {
        let (ends, feed) = AsyncStream<String>.makeStream()
        await #expect(throws: Self.failure) {
            try await withConcurrent({ feed.yield(await Self.wait()) }) { (_) async throws(DeployError) in
                throw Self.failure
            }
        }
        // The work has ended before the error came.
        feed.finish()
        #expect(await Array(ends) == ["cancelled"])
    }

    @Test func `a cancellation reaches the work`() async throws {
        let task = Task {
            try await withConcurrent({ await Self.wait() }) { (work) async throws(DeployError) in
                await work.value
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

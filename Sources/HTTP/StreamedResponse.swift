import Foundation

/// An answer whose body comes in pieces as they arrive. Whoever stops reading ends the exchange.
package struct StreamedResponse: Sendable {
    package var status: Int
    package var headers: Headers
    /// Where the answer came from, after redirects.
    package var url: URL
    /// To be read once, at once: nothing slows the sender down, so what is not read gathers in memory.
    package var chunks: Chunks

    package var isSuccess: Bool { (200..<300).contains(status) }

    /// Reads the body to its end.
    package func whole() async throws(HTTPFailure) -> Response {
        var body = Data()
        var pieces = chunks.makeAsyncIterator()
        while let piece = try await pieces.next(isolation: nil) { body.append(piece) }
        return Response(status: status, headers: headers, url: url, body: body)
    }

    package struct Chunks: AsyncSequence, Sendable {
        let events: AsyncThrowingStream<Exchange.Event, any Error>

        package func makeAsyncIterator() -> Iterator { Iterator(events: events.makeAsyncIterator()) }

        package struct Iterator: AsyncIteratorProtocol {
            var events: AsyncThrowingStream<Exchange.Event, any Error>.AsyncIterator

            package mutating func next() async throws(HTTPFailure) -> Data? {
                try await next(isolation: nil)
            }

            package mutating func next(isolation actor: isolated (any Actor)?) async throws(HTTPFailure)
                -> Data?
            {
                while let event = try await events.nextEvent(isolation: actor) {
                    switch event {
                    case .head: continue
                    case .data(let data): return data
                    case .end: return nil
                    }
                }
                throw .cancelled
            }
        }
    }
}

extension AsyncThrowingStream<Exchange.Event, any Error>.AsyncIterator {
    /// The next event; nil when the task was cancelled.
    mutating func nextEvent(isolation actor: isolated (any Actor)?) async throws(HTTPFailure) -> Exchange
        .Event?
    {
        do {
            return try await next(isolation: actor)
        } catch {
            throw error as? HTTPFailure ?? .cancelled
        }
    }
}

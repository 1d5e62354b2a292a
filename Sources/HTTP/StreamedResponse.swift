import Essentials
import TextTools

/// A response whose body comes in pieces as they arrive. Whoever stops reading ends the exchange; whoever reads slowly
/// slows the server down.
package struct StreamedResponse: Sendable {
    package var status: Int
    package var headers: HTTPFields
    /// Where the response came from, after redirects.
    package var url: URL
    /// To be read once.
    package var chunks: Chunks
    /// Takes the pieces of a success in `whole`; see `HTTPClientRequest.sink`.
    var sink: (@Sendable (_ status: Int, _ bytes: Data) -> Bool)?

    package var isSuccess: Bool { (200..<300).contains(status) }

    /// Reads the body to its end.
    package func collect() async throws(HTTPError) -> HTTPClientResponse {
        var body = Data()
        var pieces = chunks.makeAsyncIterator()
        let sink = isSuccess ? sink : nil
        while let piece = try await pieces.next(isolation: nil) {
            guard let sink else {
                body.append(piece)
                continue
            }
            guard sink(status, piece) else {
                chunks.body.task.cancel()
                throw .cancelled
            }
        }
        return HTTPClientResponse(status: status, headers: headers, url: url, body: body)
    }

    package struct Chunks: AsyncSequence, Sendable {
        let body: ResponseBody

        package func makeAsyncIterator() -> Iterator { Iterator(body: body) }

        package struct Iterator: AsyncIteratorProtocol {
            let body: ResponseBody

            package mutating func next() async throws(HTTPError) -> Data? {
                try await next(isolation: nil)
            }

            package mutating func next(isolation actor: isolated (any Actor)?) async throws(HTTPError)
                -> Data?
            {
                try await body.task.bytes(isolation: actor)
            }
        }
    }
}

import Essentials
import TextTools

/// A response whose body is streamed. The request is cancelled when the body is no longer referenced;
/// slow reading slows the server down.
package struct StreamedResponse: Sendable {
    package var status: Int
    package var headers: HTTPFields
    /// The URL of the response, after redirects.
    package var url: URL
    /// The body, which can be read once.
    package var chunks: Chunks
    /// Receives the pieces of a successful response in `collect`; see `HTTPClientRequest.sink`.
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

import Essentials
import TextTools

/// HTTP client used for all outgoing requests: authorization by origin, redirects, limits, retries and
/// traffic counting.
package final class HTTPClient: Sendable {
    package let options: HTTPClientOptions
    private let semaphore: OriginSemaphore

    package init(_ options: HTTPClientOptions = HTTPClientOptions()) {
        self.options = options
        semaphore = OriginSemaphore.shared(options.connectionsPerHost)
    }

    /// Sends a request and collects the whole response. Retries where that is safe. Returns responses
    /// of every status.
    package func send(_ request: HTTPClientRequest, meter: TrafficCounter? = nil) async throws(HTTPError)
        -> HTTPClientResponse
    {
        try await retrying(request) { attempt throws(HTTPError) in
            try await self.sendFollowingRedirects(attempt, meter: meter).collect()
        }
    }

    /// Sends a request and streams the response's body. Retries like `send` up to the response's
    /// header; if the body is cut off later, its chunks throw the error.
    package func stream(_ request: HTTPClientRequest, meter: TrafficCounter? = nil) async throws(HTTPError)
        -> StreamedResponse
    {
        try await retrying(request) { attempt throws(HTTPError) in
            try await self.sendFollowingRedirects(attempt, meter: meter)
        }
    }

    /// Sends one attempt and follows its redirects.
    private func sendFollowingRedirects(_ request: HTTPClientRequest, meter: TrafficCounter?)
        async throws(HTTPError) -> StreamedResponse
    {
        var current = request
        for _ in 0...Redirect.limit {
            let response = try await sendOnce(current, meter: meter)
            guard current.followsRedirects, let next = try Redirect.next(after: response, of: current) else {
                return response
            }
            try await drain(response)
            current = next
        }
        throw .redirect(
            host: Origin(current.url)?.description ?? "?", to: "more than \(Redirect.limit) redirects")
    }

    /// Sends one request and waits for the header of its response.
    private func sendOnce(_ request: HTTPClientRequest, meter: TrafficCounter?) async throws(HTTPError)
        -> StreamedResponse
    {
        guard !Task.isCancelled else { throw .cancelled }
        guard let origin = Origin(request.url), ["http", "https"].contains(origin.scheme) else {
            throw .invalidRequest(
                host: request.url.host ?? "?", "not an http or https URL: \(request.url.scheme ?? "")")
        }
        if let reason = request.rejectionReason {
            throw .invalidRequest(host: origin.description, reason)
        }
        guard request.authorization == nil || origin.scheme == "https" || origin.isLoopback else {
            throw .insecure(host: origin.description)
        }
        var request = request
        if request.headers["User-Agent"] == nil { request.headers["User-Agent"] = options.userAgent }
        guard await semaphore.acquire(origin) else { throw .cancelled }
        let task = RequestTask(request, timeouts(for: request), options.network, meter: meter) {
            [semaphore] in
            semaphore.release(origin)
        }
        let body = ResponseBody(task)
        task.start()
        let header = try await task.header(isolation: nil)
        options.rateLimitTracker?.record(header.status, header.headers, of: request)
        var response = StreamedResponse(
            status: header.status, headers: header.headers, url: request.url,
            chunks: StreamedResponse.Chunks(body: body))
        response.sink = request.sink
        return response
    }

    /// Reads the body of a redirect, up to 64 KiB, so that its connection can be reused.
    private func drain(_ redirect: StreamedResponse) async throws(HTTPError) {
        var (count, pieces) = (0, redirect.chunks.makeAsyncIterator())
        while count < 64 << 10, let piece = try await pieces.next(isolation: nil) { count += piece.count }
    }

    private func timeouts(for request: HTTPClientRequest) -> Timeouts {
        let idle = max(options.idleTimeout, request.minIdleLimit ?? .zero)
        return Timeouts(
            connect: options.connectTimeout, idle: request.idleLimit ?? idle, deadline: request.deadline,
            hasTotal: !request.isEndless)
    }
}

extension HTTPClient {
    /// Repeats attempts until the retry policy accepts the response or the error.
    func retrying<Response: RetryableResult>(
        _ request: HTTPClientRequest, _ attempt: (HTTPClientRequest) async throws(HTTPError) -> Response
    ) async throws(HTTPError) -> Response {
        let policy = RetryPolicy(retries: options.retries, maxWait: options.maxWait())
        var nextAttempt = 2
        while true {
            let retry: (wait: Duration, reason: String)
            do throws(HTTPError) {
                let response = try await attempt(request)
                guard
                    let wait = policy.wait(
                        after: response.status, response.headers, before: nextAttempt,
                        repeatable: request.isRepeatable)
                else { return response }
                retry = (wait, "status \(response.status)")
            } catch {
                guard request.isFutile?() != true,
                    let wait = policy.wait(
                        after: error, before: nextAttempt, repeatable: request.isRepeatable)
                else { throw error }
                retry = (wait, error.reason)
            }
            try await wait(for: retry.wait, before: nextAttempt, of: request, reason: retry.reason)
            nextAttempt += 1
        }
    }

    private func wait(for time: Duration, before attempt: Int, of request: HTTPClientRequest, reason: String)
        async throws(HTTPError)
    {
        options.onRetry(Retry(requestSummary: request.summary, attempt: attempt, wait: time, reason: reason))
        do {
            try await options.clock.sleep(for: time)
        } catch {
            throw .cancelled
        }
    }
}

/// A response with the status and headers that the retry policy uses.
protocol RetryableResult {
    var status: Int { get }
    var headers: HTTPFields { get }
}
extension HTTPClientResponse: RetryableResult {}
extension StreamedResponse: RetryableResult {}

extension HTTPClientRequest {
    /// Method, host and path, without the query, which may contain a signature.
    var summary: String { "\(method) \(Origin(url)?.description ?? "?")\(url.path(percentEncoded: true))" }
}

/// Options of an `HTTPClient`; the defaults are the documented ones (design 3, `[spacesync]`).
package struct HTTPClientOptions: Sendable {
    /// The time limit for establishing a connection.
    package var connectTimeout: Duration = .seconds(10)
    /// The time limit without a byte in either direction.
    package var idleTimeout: Duration = .seconds(30)
    /// The most retries of a request.
    package var retries = 5
    package var connectionsPerHost = 6
    /// The longest wait that a server may request; if it requests a longer one, its response is returned.
    package var maxWait: @Sendable () -> Duration = { .seconds(300) }
    /// Records the rate limits that servers report.
    package var rateLimitTracker: RateLimitTracker?
    package var userAgent = "spacesync"
    /// Proxies, certificates and rewritten addresses.
    package var network = NetworkSettings()
    /// The clock for the waits between attempts.
    package var clock: any Clock<Duration> = ContinuousClock()
    /// Called before each wait for a retry.
    package var onRetry: @Sendable (Retry) -> Void = { _ in }

    package init() {}
}

/// A retry that is about to be made.
package struct Retry: Hashable, Sendable {
    /// Method, host and path, without the query.
    package var requestSummary: String
    /// The number of the next attempt, from 2.
    package var attempt: Int
    package var wait: Duration
    package var reason: String
}

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

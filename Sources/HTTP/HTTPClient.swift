import Essentials

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
    /// header; if the body breaks off later, its chunks throw the error.
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
            throw .untrusted(host: origin.description, "a token travels only over https")
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

import Essentials

/// Everything that goes out goes through here: authorisation by origin, redirects, limits, repetition, counting.
package final class HTTPClient: Sendable {
    package let options: HTTPClientOptions
    private let places: OriginSemaphore

    package init(_ options: HTTPClientOptions = HTTPClientOptions()) {
        self.options = options
        places = OriginSemaphore.shared(options.connectionsPerHost)
    }

    /// Makes the exchange and takes in the whole answer; repeats it where that is safe. A status, whatever it is, is
    /// an answer.
    package func send(_ request: HTTPClientRequest, meter: TrafficCounter? = nil) async throws(HTTPError)
        -> HTTPClientResponse
    {
        try await retrying(request) { attempt throws(HTTPError) in
            try await self.sendFollowingRedirects(attempt, meter: meter).collect()
        }
    }

    /// Makes the exchange and hands on the answer's body as it comes. Repeated like `send` up to the answer's head;
    /// a body that breaks off later ends in a failure of its chunks.
    package func stream(_ request: HTTPClientRequest, meter: TrafficCounter? = nil) async throws(HTTPError)
        -> StreamedResponse
    {
        try await retrying(request) { attempt throws(HTTPError) in
            try await self.sendFollowingRedirects(attempt, meter: meter)
        }
    }

    /// One attempt, with its redirects.
    private func sendFollowingRedirects(_ request: HTTPClientRequest, meter: TrafficCounter?)
        async throws(HTTPError) -> StreamedResponse
    {
        var hop = request
        for _ in 0...Redirect.limit {
            let answer = try await sendOnce(hop, meter: meter)
            guard hop.followsRedirects, let next = try Redirect.next(after: answer, of: hop) else {
                return answer
            }
            try await drain(answer)
            hop = next
        }
        throw .redirect(
            host: Origin(hop.url)?.description ?? "?", to: "more than \(Redirect.limit) redirects")
    }

    /// One request on the wire, up to the head of its answer.
    private func sendOnce(_ request: HTTPClientRequest, meter: TrafficCounter?) async throws(HTTPError)
        -> StreamedResponse
    {
        guard !Task.isCancelled else { throw .cancelled }
        guard let origin = Origin(request.url), ["http", "https"].contains(origin.scheme) else {
            throw .invalidRequest(
                host: request.url.host ?? "?", "not an http or https URL: \(request.url.scheme ?? "")")
        }
        if let objection = request.rejectionReason {
            throw .invalidRequest(host: origin.description, objection)
        }
        guard request.authorization == nil || origin.scheme == "https" || origin.isLoopback else {
            throw .untrusted(host: origin.description, "a token travels only over https")
        }
        var request = request
        if request.headers["User-Agent"] == nil { request.headers["User-Agent"] = options.userAgent }
        guard await places.acquire(origin) else { throw .cancelled }
        let task = RequestTask(request, timeouts(for: request), options.network, meter: meter) { [places] in
            places.release(origin)
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

    /// Reads what little a redirect says besides, so that its connection can be used again.
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

import Essentials

/// Everything that goes out goes through here: authorisation by origin, redirects, limits, repetition, counting.
package final class Client: Sendable {
    package let options: ClientOptions
    private let places: Places

    package init(_ options: ClientOptions = ClientOptions()) {
        self.options = options
        places = Places.shared(options.connectionsPerHost)
    }

    /// Makes the exchange and takes in the whole answer; repeats it where that is safe. A status, whatever it is, is
    /// an answer.
    package func send(_ request: Request, meter: Meter? = nil) async throws(HTTPFailure) -> Response {
        try await repeating(request) { attempt throws(HTTPFailure) in
            try await self.following(attempt, meter: meter).whole()
        }
    }

    /// Makes the exchange and hands on the answer's body as it comes. Repeated like `send` up to the answer's head;
    /// a body that breaks off later ends in a failure of its chunks.
    package func stream(_ request: Request, meter: Meter? = nil) async throws(HTTPFailure) -> StreamedResponse
    {
        try await repeating(request) { attempt throws(HTTPFailure) in
            try await self.following(attempt, meter: meter)
        }
    }

    /// One attempt, with its redirects.
    private func following(_ request: Request, meter: Meter?) async throws(HTTPFailure) -> StreamedResponse {
        var hop = request
        for _ in 0...Redirect.limit {
            let answer = try await exchange(hop, meter: meter)
            guard hop.followsRedirects, let next = try Redirect.next(after: answer, of: hop) else {
                return answer
            }
            try await finish(answer)
            hop = next
        }
        throw .redirect(
            host: Origin(hop.url)?.description ?? "?", to: "more than \(Redirect.limit) redirects")
    }

    /// One request on the wire, up to the head of its answer.
    private func exchange(_ request: Request, meter: Meter?) async throws(HTTPFailure) -> StreamedResponse {
        guard !Task.isCancelled else { throw .cancelled }
        guard let origin = Origin(request.url), ["http", "https"].contains(origin.scheme) else {
            throw .invalidRequest(
                host: request.url.host ?? "?", "not an http or https URL: \(request.url.scheme ?? "")")
        }
        if let objection = request.objection { throw .invalidRequest(host: origin.description, objection) }
        guard request.authorization == nil || origin.scheme == "https" || origin.isLoopback else {
            throw .untrusted(host: origin.description, "a token travels only over https")
        }
        var request = request
        if request.headers["User-Agent"] == nil { request.headers["User-Agent"] = options.userAgent }
        guard await places.enter(origin) else { throw .cancelled }
        let task = RequestTask(request, timeouts(for: request), options.network, meter: meter) { [places] in
            places.leave(origin)
        }
        let body = ResponseBody(task)
        task.start()
        let header = try await task.header(isolation: nil)
        options.allowance?.note(header.status, header.headers, of: request)
        var response = StreamedResponse(
            status: header.status, headers: header.headers, url: request.url,
            chunks: StreamedResponse.Chunks(body: body))
        response.sink = request.sink
        return response
    }

    /// Reads what little a redirect says besides, so that its connection can be used again.
    private func finish(_ redirect: StreamedResponse) async throws(HTTPFailure) {
        var (count, pieces) = (0, redirect.chunks.makeAsyncIterator())
        while count < 64 << 10, let piece = try await pieces.next(isolation: nil) { count += piece.count }
    }

    private func timeouts(for request: Request) -> Timeouts {
        let idle = max(options.idleTimeout, request.leastIdleLimit ?? .zero)
        return Timeouts(
            connect: options.connectTimeout, idle: request.idleLimit ?? idle, deadline: request.deadline,
            hasTotal: !request.isEndless)
    }
}

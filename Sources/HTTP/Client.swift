import Foundation

/// Everything that goes out goes through here: authorisation by origin, redirects, limits, repetition, counting.
package final class Client: Sendable {
    package let options: ClientOptions
    private let transport: Transport
    private let warmth = Warmth()

    package init(_ options: ClientOptions = ClientOptions()) {
        self.options = options
        transport = Transport.withConnections(options.connectionsPerHost)
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
        if let small = request.warmUp { try await warm(small, request.authorization, meter) }
        return try await repeating(request) { attempt throws(HTTPFailure) in
            try await self.following(attempt, meter: meter)
        }
    }

    /// Sees to it that a connection to this origin has been through an exchange. Its answer does not matter.
    private func warm(_ url: URL, _ authorization: Authorization?, _ meter: Meter?) async throws(HTTPFailure)
    {
        guard let origin = Origin(url), !warmth.isWarm(origin) else { return }
        var small = Request(
            "GET", url, authorization: authorization, isRepeatable: false, responseLimit: 1 << 20)
        small.deadline = options.idleTimeout
        do {
            _ = try await send(small, meter: meter)
        } catch .cancelled {
            throw .cancelled
        } catch {}
    }

    /// One attempt, with its redirects.
    private func following(_ request: Request, meter: Meter?) async throws(HTTPFailure) -> StreamedResponse {
        var hop = request
        for _ in 0...Redirect.limit {
            let answer = try await exchange(hop, meter: meter)
            guard hop.followsRedirects, let next = try Redirect.next(after: answer, of: hop) else {
                return answer
            }
            _ = try await answer.whole()
            hop = next
        }
        throw .redirect(
            host: Origin(hop.url)?.description ?? "?", to: "more than \(Redirect.limit) redirects")
    }

    /// One request on the wire, up to the head of its answer.
    private func exchange(_ request: Request, meter: Meter?) async throws(HTTPFailure) -> StreamedResponse {
        guard !Task.isCancelled else { throw .cancelled }
        guard let origin = Origin(request.url), ["http", "https"].contains(origin.scheme) else {
            throw .unreachable(
                host: request.url.host ?? "?", "not an http or https URL: \(request.url.scheme ?? "")")
        }
        if let objection = request.objection { throw .unreachable(host: origin.description, objection) }
        guard request.authorization == nil || origin.scheme == "https" || origin.isLoopback else {
            throw .untrusted(host: origin.description, "a token travels only over https")
        }
        var request = request
        if request.headers["User-Agent"] == nil { request.headers["User-Agent"] = options.userAgent }
        guard await transport.places.enter(origin) else { throw .cancelled }
        let (exchange, events) = Exchange.make(request, meter: meter)
        warmth.begin(origin)
        let onEnd: @Sendable (Bool) -> Void = { [warmth, transport] isKept in
            warmth.end(origin, isKept: isKept)
            transport.places.leave(origin)
        }
        do throws(HTTPFailure) {
            try transport.start(exchange, limits: limits(for: request, origin), onEnd: onEnd)
        } catch {
            onEnd(false)
            throw error
        }
        let answer = try await head(of: events, from: exchange.host)
        options.allowance?.note(answer.status, answer.headers, of: request)
        return answer
    }

    private func head(of events: Exchange.Events, from host: String) async throws(HTTPFailure)
        -> StreamedResponse
    {
        var iterator = events.makeAsyncIterator()
        guard case .head(let status, let headers, let url)? = try await iterator.nextEvent(isolation: nil)
        else {
            throw Task.isCancelled ? .cancelled : .broken(host: host, "no answer")
        }
        let chunks = StreamedResponse.Chunks(events: events)
        return StreamedResponse(status: status, headers: headers, url: url, chunks: chunks)
    }

    private func limits(for request: Request, _ origin: Origin) -> Limits {
        let door = options.proxies.proxy(for: origin).flatMap(Origin.init) ?? origin
        return Limits(
            connect: options.connectTimeout, idle: request.idleLimit ?? options.idleTimeout,
            deadline: request.deadline, probe: { await ConnectionProbe.reaches(door) })
    }
}

import HTTPServer
import TextTools

/// Simulated network and server errors. `POST /_hub/faults` adds one object or an array of objects:
///
///     {
///       "method": "POST",                 only requests with this method
///       "path": "/runtime",               a substring of path and query; if absent, every request
///       "times": 2,                       number of requests affected (default 1; -1: no limit)
///       "skip": 1,                        number of matching requests to let through first
///       "status": 502, "headers": {…}, "body": "text or JSON",
///                                         this response is sent instead; the request body is not read
///       "after_bytes": 100,               the response (the real one or the one above) is cut after
///                                         this many bytes of its body; the request takes effect
///       "cut_body": 1000,                 reads this many bytes of the request body, then closes the
///                                         connection; the request has no effect
///       "slow_body": 100000,              reads the request body at this rate, in bytes per second
///       "delay_ms": 50,                   waits before anything else, in milliseconds
///       "hold_ms": 60000,                 the request takes effect; the response is delayed by this time
///       "flood": "text",                  the response body repeats this text endlessly, as fast as
///                                         the client reads it
///       "flood_rate": 6000,               ... this many times per second
///       "drop": true                      the request takes effect; the connection is closed without
///                                         a response
///     }
///
/// `DELETE /_hub/faults` removes all faults and releases the delayed requests; `GET` lists the
/// remaining faults. `GET /_hub/held` returns the number of requests that `delay_ms` or `hold_ms`
/// currently delays. Faults do not apply to `/_hub` itself.
actor FaultInjector {
    private var pending: [JSON] = []
    private var held: [Int: Task<Void, Never>] = [:]
    private var lastHoldID = 0

    func add(_ json: JSON) { pending += json.array ?? [json] }
    func json() -> JSON { .array(pending) }
    func heldJSON() -> JSON { ["held": .int(held.count)] }

    func clear() {
        pending = []
        held.values.forEach { $0.cancel() }
    }

    /// Waits for the time (at most 10 minutes), or until `clear` is called.
    private func hold(_ milliseconds: Double?) async {
        guard let milliseconds else { return }
        let pause = Task<Void, Never> {
            try? await Task.sleep(for: .milliseconds(Int64(min(max(milliseconds, 0), 600_000))))
        }
        lastHoldID += 1
        let hold = lastHoldID
        held[hold] = pause
        await pause.value
        held[hold] = nil
    }

    /// Returns the first fault that matches the request, and decrements its counter. `nil` if none
    /// matches.
    func consume(for request: Request) -> JSON? {
        let target = request.target.rawPath + "?" + request.target.rawQuery
        for index in pending.indices {
            let fault = pending[index]
            guard fault["method"].string.map({ $0 == request.method }) ?? true,
                fault["path"].string.map({ target.contains($0) }) ?? true
            else { continue }
            if let skip = fault["skip"].int, skip > 0 {
                pending[index]["skip"] = .int(skip - 1)
                continue
            }
            let times = fault["times"].int ?? 1
            if times == 1 {
                pending.remove(at: index)
            } else {
                pending[index]["times"] = .int(max(times - 1, -1))
            }
            return fault
        }
        return nil
    }

    /// Returns a body that repeats the text endlessly.
    /// - Parameter rate: repetitions per second; `nil` for as fast as the client reads.
    private static func flood(_ text: [UInt8], perSecond rate: Double?) -> Response.Body {
        .stream { writer in
            let block = Array(repeatElement(text, count: max(1, (64 << 10) / text.count)).joined())
            guard let rate else {
                while !Task.isCancelled { try await writer.write(block) }
                return
            }
            let (start, repetitionsPerSecond) = (ContinuousClock.now, min(max(rate, 1), 1e6))
            var sent = 0
            while !Task.isCancelled {
                let due = Int(start.duration(to: .now) / .milliseconds(1) * repetitionsPerSecond / 1000)
                try await writer.write(Array(repeatElement(text, count: due - sent).joined()))
                sent = due
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// Handles a request with the given fault applied.
    func inject(_ fault: JSON, _ request: Request, _ handler: Handler) async throws -> Response {
        await hold(fault["delay_ms"].number)
        var request = request, response: Response
        if let rate = fault["slow_body"].number { request.body = request.body.throttled(to: rate) }
        if let cut = fault["cut_body"].int {
            try await request.body.discard(upTo: cut)
            return .hangingUp
        }
        if let status = fault["status"].int, (100...999).contains(status) {
            let body = fault["body"].string ?? (fault["body"].isNull ? "" : fault["body"].text)
            var fields = HTTPFields()
            for (name, value) in fault["headers"].object ?? [:] { fields[name] = value.string ?? value.text }
            response = .text(body, status: status, fields: fields)
        } else {
            response = try await handler(request)
        }
        if let text = fault["flood"].string, !text.isEmpty {
            response.body = Self.flood(Array(text.utf8), perSecond: fault["flood_rate"].number)
        }
        await hold(fault["hold_ms"].number)
        if let cut = fault["after_bytes"].int { response.cutAfter = max(cut, 0) }
        if fault["drop"].bool == true { response.cutAfter = -1 }
        return response
    }
}

import HTTPServer
import TextTools

/// Faults that are rehearsed: `POST /_hub/faults` takes one object or an array of
///
///     {
///       "method": "POST",                 only this method
///       "path": "/runtime",               a part of path and query; none: every request
///       "times": 2,                       so many requests, then no more (default 1; -1: for ever)
///       "skip": 1,                        so many requests are let through first
///       "status": 502, "headers": {…}, "body": "text or JSON",      answered instead, the request's body unread
///       "after_bytes": 100,               the true (or given) answer is cut behind so many bytes of its body;
///                                         what the request does is done
///       "cut_body": 1000,                 so many bytes of the request's body are read, then the connection is
///                                         closed; nothing else is done
///       "slow_body": 100000,              the request's body is taken by so many bytes a second
///       "delay_ms": 50,                   waits first
///       "hold_ms": 60000,                 what is asked is done, and the answer waits so long
///       "flood": "text",                  the answer's body is this text again and again, without an end, as fast as
///                                         it is read
///       "flood_rate": 6000,               ... so many times a second
///       "drop": true                      what is asked is done, and the connection closed without an answer
///     }
///
/// `DELETE /_hub/faults` takes all back and lets go of what is held, `GET` shows those that are left; `GET /_hub/held`
/// says how many requests are held now, by `delay_ms` or `hold_ms`. `/_hub` itself has no faults.
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

    /// Waits, or until all is taken back.
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

    /// The first that fits, counted down.
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

    /// - Parameter rate: how often in a second; nil: as often as it is read.
    private static func flood(_ text: [UInt8], a rate: Double?) -> Response.Body {
        .stream { outlet in
            let block = Array(repeatElement(text, count: max(1, (64 << 10) / text.count)).joined())
            guard let rate else {
                while !Task.isCancelled { try await outlet.write(block) }
                return
            }
            let (start, perSecond) = (ContinuousClock.now, min(max(rate, 1), 1e6))
            var sent = 0
            while !Task.isCancelled {
                let due = Int(start.duration(to: .now) / .milliseconds(1) * perSecond / 1000)
                try await outlet.write(Array(repeatElement(text, count: due - sent).joined()))
                sent = due
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// Plays a fault around what would be answered.
    func inject(_ fault: JSON, _ request: Request, _ handler: Handler) async throws -> Response {
        await hold(fault["delay_ms"].number)
        var request = request, answer: Response
        if let rate = fault["slow_body"].number { request.body = request.body.throttled(to: rate) }
        if let cut = fault["cut_body"].int {
            try await request.body.discard(upTo: cut)
            return .hangingUp
        }
        if let status = fault["status"].int, (100...999).contains(status) {
            let body = fault["body"].string ?? (fault["body"].isNull ? "" : fault["body"].text)
            var fields = HTTPFields()
            for (name, value) in fault["headers"].object ?? [:] { fields[name] = value.string ?? value.text }
            answer = .text(body, status: status, fields: fields)
        } else {
            answer = try await handler(request)
        }
        if let text = fault["flood"].string, !text.isEmpty {
            answer.body = Self.flood(Array(text.utf8), a: fault["flood_rate"].number)
        }
        await hold(fault["hold_ms"].number)
        if let cut = fault["after_bytes"].int { answer.cutAfter = max(cut, 0) }
        if fault["drop"].bool == true { answer.cutAfter = -1 }
        return answer
    }
}

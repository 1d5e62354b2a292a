import Essentials
import TextTools

/// When an exchange is made again, and after which wait: https://huggingface.co/docs/hub/rate-limits, RFC 9110 10.2.3.
struct RetryPolicy: Sendable {
    var retries: Int
    var maxWait = Duration.seconds(300)

    /// The wait before attempt `next` (from 2) after an answer, or nil when the answer stands.
    func wait(after status: Int, _ headers: HTTPFields, before next: Int, repeatable: Bool) -> Duration? {
        guard repeatable, next <= retries + 1, [408, 429, 500, 502, 503, 504].contains(status) else {
            return nil
        }
        guard let asked = Self.requestedDelay(by: headers, status: status) else {
            return backOff(before: next)
        }
        return asked <= maxWait ? asked : nil
    }

    /// The wait before attempt `next` after a failure, or nil when the failure stands. What never reached the server
    /// may be sent again whatever it is, but not for long: nobody waits well for a machine that is not there.
    func wait(after failure: HTTPError, before next: Int, repeatable: Bool) -> Duration? {
        switch failure {
        case .unreachable, .timedOut(_, .connect): next <= min(retries, 2) + 1 ? backOff(before: next) : nil
        case .timedOut(_, .idle): repeatable && next <= min(retries, 2) + 1 ? backOff(before: next) : nil
        case .broken: repeatable && next <= retries + 1 ? backOff(before: next) : nil
        default: nil
        }
    }

    /// 1, 2, 4, 8, 8 … seconds, a quarter less at random so that many clients do not come back at once.
    func backOff(before next: Int) -> Duration {
        let whole = Double(1 << min(max(next - 2, 0), 3))
        return .seconds(whole * Double.random(in: 0.75...1))
    }

    /// What the server asks for: `RateLimit` when it is used up, else `Retry-After` in seconds or as a date.
    static func requestedDelay(by headers: HTTPFields, status: Int, now: Date = Date()) -> Duration? {
        if status == 429, let limit = headers["RateLimit"], let reset = reset(ofExhausted: limit) {
            return .seconds(reset + 1)
        }
        guard let text = headers["Retry-After"]?.trimmingSpaces() else { return nil }
        if let seconds = Int(text) { return seconds >= 0 ? .seconds(min(seconds, 1 << 31)) : nil }
        guard let date = HTTPDate.parse(text) else { return nil }
        return .seconds(max(0, date.timeIntervalSince(now)))
    }

    /// `"api";r=0;t=12` gives 12; nil while anything remains.
    private static func reset(ofExhausted limit: String) -> Int? {
        let fields = limit.split(separator: ";").map { $0.trimmingSpaces() }
        guard fields.contains("r=0"), let reset = fields.first(where: { $0.hasPrefix("t=") }) else {
            return nil
        }
        return Int(reset.dropFirst(2)).map { min(max($0, 0), 1 << 31) }
    }
}

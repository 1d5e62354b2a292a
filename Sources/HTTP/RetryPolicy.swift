import Essentials
import Synchronization
import TextTools

/// Retry policy: which requests are retried, and after which delay
/// (https://huggingface.co/docs/hub/rate-limits, RFC 9110 10.2.3).
struct RetryPolicy: Sendable {
    var retries: Int
    var maxWait = Duration.seconds(300)

    /// Returns the delay before attempt `next` (from 2) after a response; `nil` if the request is not
    /// retried.
    func wait(after status: Int, _ headers: HTTPFields, before next: Int, repeatable: Bool) -> Duration? {
        guard repeatable, next <= retries + 1, [408, 429, 500, 502, 503, 504].contains(status) else {
            return nil
        }
        guard let requested = Self.requestedDelay(by: headers, status: status) else {
            return backOff(before: next)
        }
        return requested <= maxWait ? requested : nil
    }

    /// Returns the delay before attempt `next` after an error; `nil` if the request is not retried. A
    /// request that never reached the server may always be retried, but at most twice: an unreachable
    /// server should be reported soon.
    func wait(after failure: HTTPError, before next: Int, repeatable: Bool) -> Duration? {
        switch failure {
        case .unreachable, .timedOut(_, .connect): next <= min(retries, 2) + 1 ? backOff(before: next) : nil
        case .timedOut(_, .idle): repeatable && next <= min(retries, 2) + 1 ? backOff(before: next) : nil
        case .broken: repeatable && next <= retries + 1 ? backOff(before: next) : nil
        default: nil
        }
    }

    /// Returns the back-off delay: 1, 2, 4, 8, 8 … seconds, randomly reduced by up to a quarter so that
    /// many clients do not retry at the same time.
    func backOff(before next: Int) -> Duration {
        let seconds = Double(1 << min(max(next - 2, 0), 3))
        return .seconds(seconds * Double.random(in: 0.75...1))
    }

    /// Returns the delay that the server requests: the reset of an exhausted `RateLimit`, else
    /// `Retry-After` in seconds or as a date; `nil` if it requests none.
    static func requestedDelay(by headers: HTTPFields, status: Int, now: Date = Date()) -> Duration? {
        if status == 429, let limit = headers["RateLimit"], let reset = reset(ofExhausted: limit) {
            return .seconds(reset + 1)
        }
        guard let text = headers["Retry-After"]?.trimmingSpaces() else { return nil }
        if let seconds = Int(text) { return seconds >= 0 ? .seconds(min(seconds, 1 << 31)) : nil }
        guard let date = HTTPDate.parse(text) else { return nil }
        return .seconds(max(0, date.timeIntervalSince(now)))
    }

    /// Returns the seconds until an exhausted limit is reset: 12 for `"api";r=0;t=12`; `nil` if
    /// requests remain.
    private static func reset(ofExhausted limit: String) -> Int? {
        let fields = limit.split(separator: ";").map { $0.trimmingSpaces() }
        guard fields.contains("r=0"), let reset = fields.first(where: { $0.hasPrefix("t=") }) else {
            return nil
        }
        return Int(reset.dropFirst(2)).map { min(max($0, 0), 1 << 31) }
    }
}

/// Parser of dates in HTTP headers: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 5.6.7).
package enum HTTPDate {
    package static func parse(_ text: String) -> Date? {
        guard text.utf8.count <= 64 else { return nil }
        let fields = text.split(whereSeparator: { $0 == " " || $0 == "-" || $0 == "," })
        guard fields.count >= 5, let day = Int(fields[1]), let year = Int(fields[3]) else { return nil }
        guard let month = UTCTime.months.firstIndex(of: String(fields[2])) else { return nil }
        let time = fields[4].split(separator: ":").compactMap { Int($0) }
        guard time.count == 3, (1...31).contains(day), (0...9999).contains(year),
            (0...23).contains(time[0]), (0...59).contains(time[1]), (0...60).contains(time[2])
        else { return nil }
        return UTCTime(
            year: year < 100 ? 2000 + year : year, month: month + 1, day: day,
            hour: time[0], minute: time[1], second: time[2]
        ).date
    }
}

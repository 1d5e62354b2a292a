import Essentials
import HTTP
import SpacesModel

/// What one answer of a Hub tells besides its words.
package struct Vitals: Hashable, Sendable {
    /// Whose the token is; nil without one.
    package var account: Account?
    /// Seconds that this machine's clock is ahead of the Hub's; nil where it does not say.
    package var clockAhead: Int?
    package var quota: RequestQuota?
}

/// `RateLimit` and `RateLimit-Policy` (https://huggingface.co/docs/hub/rate-limits).
package struct RequestQuota: Hashable, Sendable {
    package var left: Int
    /// Of a whole window; nil where only what is left is told.
    package var whole: Int?
    /// Seconds until all of it is back.
    package var reset: Int?

    init?(_ headers: Headers) {
        func number(_ name: String, _ header: String) -> Int? {
            headers[header]?.split(separator: ";").lazy.map { $0.trimmingSpaces() }
                .first { $0.hasPrefix(name + "=") }.flatMap { Int($0.dropFirst(name.count + 1)) }
        }
        guard let left = number("r", "RateLimit") else { return nil }
        (self.left, whole, reset) = (left, number("q", "RateLimit-Policy"), number("t", "RateLimit"))
    }
}

extension HubClient {
    /// One request: whose the token is, or without one what hardware there is.
    package func vitals() async throws(Failure) -> Vitals {
        let subject = token == nil ? "the list of hardware" : "the account of the token"
        let start = Date()
        let answer = try await ask(
            "GET", token == nil ? "/api/spaces/hardware" : "/api/whoami-v2", about: subject)
        guard answer.isSuccess else { throw refusal(answer, about: subject) }
        let json = try json(answer, about: subject)
        let middle = start.addingTimeInterval(Date().timeIntervalSince(start) / 2)
        let time = answer.headers["Date"].flatMap { HTTPDate.parse($0) }
        return Vitals(
            account: token == nil ? nil : json["name"].string.map { Account($0, json) },
            clockAhead: time.map { Int(middle.timeIntervalSince($0)) }, quota: RequestQuota(answer.headers))
    }
}

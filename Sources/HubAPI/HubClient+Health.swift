import Essentials
import HTTP
import SpacesModel
import TextTools

/// What one answer of a Hub tells besides its words.
package struct HubHealth: Hashable, Sendable {
    /// Whose the token is; nil without one.
    package var account: Account?
    /// Seconds that this machine's clock is ahead of the Hub's; nil where it does not say.
    package var clockSkew: Int?
    package var quota: RequestQuota?
}

/// `RateLimit` and `RateLimit-Policy` (https://huggingface.co/docs/hub/rate-limits).
package struct RequestQuota: Hashable, Sendable {
    package var remaining: Int
    /// Of a whole window; nil where only what is left is told.
    package var limit: Int?
    /// Seconds until all of it is back.
    package var reset: Int?

    init?(_ headers: HTTPFields) {
        func number(_ name: String, _ header: String) -> Int? {
            headers[header]?.split(separator: ";").lazy.map { $0.trimmingSpaces() }
                .first { $0.hasPrefix(name + "=") }.flatMap { Int($0.dropFirst(name.count + 1)) }
        }
        guard let left = number("r", "RateLimit") else { return nil }
        (self.remaining, limit, reset) = (left, number("q", "RateLimit-Policy"), number("t", "RateLimit"))
    }
}

extension HubClient {
    /// One request: whose the token is, or without one what hardware there is.
    package func fetchHealth() async throws(DeployError) -> HubHealth {
        let subject = token == nil ? "the list of hardware" : "the account of the token"
        let start = Date()
        let answer = try await send(
            "GET", token == nil ? "/api/spaces/hardware" : "/api/whoami-v2", about: subject)
        guard answer.isSuccess else { throw responseError(answer, about: subject) }
        let json = try parseJSON(answer, about: subject)
        let middle = start.addingTimeInterval(Date().timeIntervalSince(start) / 2)
        let time = answer.headers["Date"].flatMap { HTTPDate.parse($0) }
        return HubHealth(
            account: token == nil ? nil : json["name"].string.map { Account($0, json) },
            clockSkew: time.map { Int(middle.timeIntervalSince($0)) }, quota: RequestQuota(answer.headers))
    }
}

import Essentials
import HTTP
import SpacesModel
import TextTools

/// The state of a Hub as seen in one response: account, clock skew and rate limit.
package struct HubHealth: Hashable, Sendable {
    /// The account of the token; `nil` without a token.
    package var account: Account?
    /// The seconds by which this machine's clock is ahead of the Hub's; `nil` if the response has no `Date`.
    package var clockSkew: Int?
    package var quota: RequestQuota?
}

/// The rate limit reported by `RateLimit` and `RateLimit-Policy`
/// (https://huggingface.co/docs/hub/rate-limits).
package struct RequestQuota: Hashable, Sendable {
    package var remaining: Int
    /// The requests allowed per window; `nil` if only the remaining ones are reported.
    package var limit: Int?
    /// Seconds until the limit is reset.
    package var reset: Int?

    init?(_ headers: HTTPFields) {
        func number(_ name: String, _ header: String) -> Int? {
            headers[header]?.split(separator: ";").lazy.map { $0.trimmingSpaces() }
                .first { $0.hasPrefix(name + "=") }.flatMap { Int($0.dropFirst(name.count + 1)) }
        }
        guard let remaining = number("r", "RateLimit") else { return nil }
        (self.remaining, limit, reset) = (
            remaining, number("q", "RateLimit-Policy"), number("t", "RateLimit")
        )
    }
}

extension HubClient {
    /// Fetches the health with one request: the account of the token, or without a token the list of
    /// hardware.
    package func fetchHealth() async throws(DeployError) -> HubHealth {
        let subject = token == nil ? "the list of hardware" : "the account of the token"
        let start = Date()
        let response = try await send(
            "GET", token == nil ? "/api/spaces/hardware" : "/api/whoami-v2", about: subject)
        guard response.isSuccess else { throw responseError(response, about: subject) }
        let json = try parseJSON(response, about: subject)
        let midpoint = start.addingTimeInterval(Date().timeIntervalSince(start) / 2)
        let time = response.headers["Date"].flatMap { HTTPDate.parse($0) }
        return HubHealth(
            account: token == nil ? nil : json["name"].string.map { Account($0, json) },
            clockSkew: time.map { Int(midpoint.timeIntervalSince($0)) }, quota: RequestQuota(response.headers)
        )
    }
}

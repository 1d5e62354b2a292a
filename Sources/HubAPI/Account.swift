import Essentials
import HTTP
import SpacesModel
import TextTools

/// The account of a token and its permissions, as reported by `GET /api/whoami-v2`.
package struct Account: Hashable, Sendable {
    package struct Organization: Hashable, Sendable {
        package var name: String
        /// `admin`, `write`, `contributor`, `read`, `no_access`.
        package var role: String?
        /// `team`, `enterprise`, `plus`, `academia`; `nil` if there is no paid plan.
        package var plan: String?
    }

    package var name: String
    package var isPro: Bool
    package var canPay: Bool
    package var organizations: [Organization]
    /// `read`, `write`, `fineGrained`; `nil` if the token is not a user access token.
    package var tokenRole: String?
    package var tokenName: String?
    /// The Hub's text (RFC 3339); `nil` if the token does not expire.
    package var tokenExpires: String?
    /// The permissions of a fine-grained token by the name of the user, organization or repository.
    package var permissions: [String: [String]]
}

extension Account {
    init(_ name: String, _ json: JSON) {
        self.name = name
        isPro = json["isPro"].bool ?? false
        canPay = json["canPay"].bool ?? false
        organizations = (json["orgs"].array ?? []).compactMap { entry in
            entry["name"].string.map {
                Organization(name: $0, role: entry["roleInOrg"].string, plan: entry["plan"].string)
            }
        }
        let token = json["auth"]["accessToken"]
        tokenRole = token["role"].string
        tokenName = token["displayName"].string
        tokenExpires = json["auth"]["expiresAt"].string ?? token["expiresAt"].string
        let scopes = token["fineGrained"]["scoped"].array ?? []
        permissions = Dictionary(
            scopes.compactMap { scope in
                (scope["entity"]["name"].string).map {
                    ($0, scope["permissions"].array?.compactMap(\.string) ?? [])
                }
            }, uniquingKeysWith: +)
    }
}

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

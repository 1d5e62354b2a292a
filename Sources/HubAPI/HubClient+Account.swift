import HTTP
import SpacesModel
import TextTools

/// Who a token is, and what it may do, as far as the Hub tells: `GET /api/whoami-v2`.
package struct Account: Hashable, Sendable {
    package struct Organization: Hashable, Sendable {
        package var name: String
        /// `admin`, `write`, `contributor`, `read`, `no_access`.
        package var role: String?
        /// `team`, `enterprise`, `plus`, `academia`; nil without a paid plan.
        package var plan: String?
    }

    package var name: String
    package var isPro: Bool
    package var canPay: Bool
    package var organizations: [Organization]
    /// `read`, `write`, `fineGrained`; nil for what is no user's access token.
    package var tokenRole: String?
    package var tokenName: String?
    /// As the Hub writes it (RFC 3339); nil when the token does not expire.
    package var tokenExpires: String?
    /// Of a fine-grained token: what it may do, by the name of the user, organization or repository.
    package var permissions: [String: [String]]
}

extension HubClient {
    package func whoami() async throws(DeployError) -> Account {
        guard token != nil else {
            throw DeployError(
                .permissionDenied, "no token for \(host)", hint: "set HF_TOKEN or run hf auth login")
        }
        let json = try await requestJSON("GET", "/api/whoami-v2", about: "the account of the token")
        guard let name = json["name"].string else {
            throw DeployError(
                .refused, "\(host) does not tell whose token this is", hint: "check HF_ENDPOINT")
        }
        return Account(name, json)
    }

    /// Who the token is, asked once for a name without owner; see `whoami`.
    package func mayWrite(_ space: SpaceID) async throws(DeployError) -> Bool {
        let answer = try await send("GET", "/api/spaces/\(space)/auth-check/write", about: space.description)
        if answer.isSuccess { return true }
        guard [401, 403, 404].contains(answer.status) else {
            throw responseError(answer, about: space.description)
        }
        return false
    }
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

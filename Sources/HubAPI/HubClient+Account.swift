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

    /// Returns whether the token may write to the Space.
    package func mayWrite(_ space: SpaceID) async throws(DeployError) -> Bool {
        let response = try await send(
            "GET", "/api/spaces/\(space)/auth-check/write", about: space.description)
        if response.isSuccess { return true }
        guard [401, 403, 404].contains(response.status) else {
            throw responseError(response, about: space.description)
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

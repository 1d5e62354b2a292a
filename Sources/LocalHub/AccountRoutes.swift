import Essentials
import HTTPServer
import TextTools

/// Routes for the caller's identity and rights (hub-api.md 1.4).
struct AccountRoutes: Sendable {
    let hub: HubContext

    func whoami(_ request: Request) async throws -> Response {
        let account = try hub.user(request)
        let organizations = hub.organizations(of: account).map { name -> JSON in
            [
                "type": "org", "id": .string(Self.key(for: name)), "name": .string(name),
                "fullname": .string(name), "avatarUrl": "", "plan": "team", "roleInOrg": "write",
            ]
        }
        return .json([
            "type": "user", "id": .string(Self.key(for: account.user)), "name": .string(account.user),
            "fullname": .string(account.user), "email": .string("\(account.user)@example.com"),
            "emailVerified": true, "canPay": false, "isPro": .bool(hub.options.isPro), "periodEnd": .null,
            "avatarUrl": "", "orgs": .array(organizations),
            "auth": [
                "type": "access_token",
                "accessToken": Self.accessToken(account),
            ],
        ])
    }

    private static func accessToken(_ account: HubUser) -> JSON {
        let scopes = account.spaces?.sorted().map { space -> JSON in
            [
                "entity": ["_id": .string(key(for: space)), "type": "space", "name": .string(space)],
                "permissions": ["repo.content.read", "repo.write"],
            ]
        }
        return .members([
            "displayName": "local", "role": .string(account.role.rawValue),
            "createdAt": "2026-01-01T00:00:00.000Z",
            "fineGrained": scopes.map { ["scoped": .array($0), "canReadGatedRepos": false] },
        ])
    }

    /// Returns 24 hexadecimal digits derived from the name (FNV-1a hash).
    private static func key(for name: String) -> String {
        "00000000" + name.utf8.fingerprint
    }

    func authCheck(_ request: Request) async throws -> Response {
        _ =
            try await request.target.segments.last == "write"
            ? hub.writableSpace(request) : hub.readableSpace(request)
        return .json([:])
    }
}

/// Token exchange for trusted publishers: the OIDC identity of a CI job for a token that can write
/// to one Space (hub-api.md 1.3, RFC 8693). All identities are accepted except those that begin
/// with `wrong`.
struct TokenExchange: Sendable {
    let hub: HubContext

    func exchangeToken(_ request: Request) async throws -> Response {
        let body = try await request.json()
        guard body["grant_type"].string == "urn:ietf:params:oauth:grant-type:token-exchange",
            body["subject_token_type"].string == "urn:ietf:params:oauth:token-type:id_token",
            let identity = body["subject_token"].string, !identity.isEmpty
        else { return Self.refused("invalid_request", "Invalid token exchange request") }
        let resource = body["resource"].string ?? ""
        guard resource.hasPrefix("spaces/"), let space = HubSpaceName(resource),
            await hub.registry.space(space.description) != nil, !identity.hasPrefix("wrong")
        else {
            return Self.refused(
                "invalid_grant", "No trusted publisher matches the provided identity token for this resource")
        }
        return .json([
            "access_token": .string(OIDCToken.token(of: space.description)), "token_type": "bearer",
            "issued_token_type": "urn:ietf:params:oauth:token-type:access_token", "expires_in": 3600,
        ])
    }

    private static func refused(_ error: String, _ description: String) -> Response {
        .json(["error": .string(error), "error_description": .string(description)], status: 400)
    }
}

/// The access token of a trusted publisher, which contains the id of the Space that it can write to.
enum OIDCToken {
    /// The user name of a trusted publisher.
    static let user = "[OIDC]"
    private static let prefix = "hf_jwt_"

    static func token(of space: String) -> String { prefix + Data(space.utf8).base64EncodedString() }

    /// Returns the id of the Space; `nil` if the token is not from a token exchange.
    static func space(of token: String) -> String? {
        guard token.hasPrefix(prefix), let data = Data(base64Encoded: String(token.dropFirst(prefix.count)))
        else {
            return nil
        }
        return String(bytes: data, encoding: .utf8)
    }
}

/// The user and the permissions of a token.
package struct HubUser: Hashable, Sendable {
    package var user: String
    package var role: Role
    /// The ids of the Spaces that a fine-grained token can write to; `nil` if the token is for all
    /// Spaces of the user.
    package var spaces: Set<String>?

    package enum Role: String, Hashable, Sendable, CaseIterable { case read, write, fineGrained }

    package init(user: String, role: Role, spaces: Set<String>? = nil) {
        (self.user, self.role, self.spaces) = (user, role, spaces)
    }
}

/// A configured token: `--token NAME=USER:ROLE`.
package struct TokenEntry: Hashable, Sendable {
    package var token: String
    package var account: HubUser

    package init(token: String, account: HubUser) { (self.token, self.account) = (token, account) }

    /// Parses `NAME=USER:ROLE`; the default role is `write`. A token of
    /// `NAME=USER:fineGrained:SPACE,…` can only write to these Spaces. `nil` if the format is
    /// invalid.
    package init?(_ text: some StringProtocol) {
        let pair = text.split(separator: "=", maxSplits: 1)
        guard pair.count == 2 else { return nil }
        let parts = pair[1].split(separator: ":", omittingEmptySubsequences: false)
        guard let user = parts.first, !user.isEmpty, parts.count <= 3 else { return nil }
        guard let role = parts.count == 1 ? .write : HubUser.Role(rawValue: String(parts[1])) else {
            return nil
        }
        guard (parts.count == 3) == (role == .fineGrained) else { return nil }
        let spaces = parts.count == 3 ? Set(parts[2].split { $0 == "," }.map { String($0) }) : nil
        self.init(token: String(pair[0]), account: HubUser(user: String(user), role: role, spaces: spaces))
    }
}

/// The tokens that this Hub accepts: configured tokens, and any other token as a write token of the
/// user `me`, except that `hf_read…` is read-only and `hf_expired…` and `hf_wrong…` are rejected.
struct TokenStore: Sendable {
    private let named: [String: HubUser]
    /// The users of the configured tokens, and `me`.
    let users: Set<String>

    init(_ entries: [TokenEntry]) {
        named = Dictionary(entries.map { ($0.token, $0.account) }) { _, last in last }
        users = Set(entries.map(\.account.user)).union(["me"])
    }

    /// Returns the account of a token. Throws a 401 error if the token is invalid.
    func account(of token: String) throws(HubHTTPError) -> HubUser {
        if let account = named[token] { return account }
        if let space = OIDCToken.space(of: token) {
            return HubUser(user: OIDCToken.user, role: .fineGrained, spaces: [space])
        }
        if ["hf_expired", "hf_wrong"].contains(where: token.hasPrefix) { throw .badToken }
        return HubUser(user: "me", role: token.hasPrefix("hf_read") ? .read : .write)
    }
}

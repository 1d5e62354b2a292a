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

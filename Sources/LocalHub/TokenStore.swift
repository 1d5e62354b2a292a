/// Who a token belongs to.
package struct HubUser: Hashable, Sendable {
    package var user: String
    package var role: Role
    /// The Spaces it may write, of a fine-grained token; nil: all of the user's.
    package var spaces: Set<String>?

    package enum Role: String, Hashable, Sendable, CaseIterable { case read, write, fineGrained }

    package init(user: String, role: Role, spaces: Set<String>? = nil) {
        (self.user, self.role, self.spaces) = (user, role, spaces)
    }
}

/// One `--token NAME=USER:ROLE`.
package struct TokenEntry: Hashable, Sendable {
    package var token: String
    package var account: HubUser

    package init(token: String, account: HubUser) { (self.token, self.account) = (token, account) }

    /// Reads `NAME=USER:ROLE`; without a role it writes. `NAME=USER:fineGrained:SPACE,…` writes these Spaces alone. Nil
    /// when it is not so written.
    package init?(_ text: some StringProtocol) {
        let sides = text.split(separator: "=", maxSplits: 1)
        guard sides.count == 2 else { return nil }
        let words = sides[1].split(separator: ":", omittingEmptySubsequences: false)
        guard let user = words.first, !user.isEmpty, words.count <= 3 else { return nil }
        guard let role = words.count == 1 ? .write : HubUser.Role(rawValue: String(words[1])) else {
            return nil
        }
        guard (words.count == 3) == (role == .fineGrained) else { return nil }
        let spaces = words.count == 3 ? Set(words[2].split { $0 == "," }.map { String($0) }) : nil
        self.init(token: String(sides[0]), account: HubUser(user: String(user), role: role, spaces: spaces))
    }
}

/// All tokens this Hub knows: the named ones; else any token is a write token of the user `me`, but `hf_read…` only
/// reads and `hf_expired…`, `hf_wrong…` are refused.
struct TokenStore: Sendable {
    private let named: [String: HubUser]
    /// Users that a listed token belongs to, and `me`.
    let users: Set<String>

    init(_ entries: [TokenEntry]) {
        named = Dictionary(entries.map { ($0.token, $0.account) }) { _, last in last }
        users = Set(entries.map(\.account.user)).union(["me"])
    }

    /// Throws when the token is no good.
    func account(of token: String) throws(HubHTTPError) -> HubUser {
        if let account = named[token] { return account }
        if let space = OIDCToken.space(of: token) {
            return HubUser(user: OIDCToken.user, role: .fineGrained, spaces: [space])
        }
        if ["hf_expired", "hf_wrong"].contains(where: token.hasPrefix) { throw .badToken }
        return HubUser(user: "me", role: token.hasPrefix("hf_read") ? .read : .write)
    }
}

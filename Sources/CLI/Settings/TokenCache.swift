import HTTP
import HubAPI
import SpacesModel
import Synchronization
import TextTools

/// A cache of tokens and memberships that need a request; each is requested once per run.
final class TokenCache: Sendable {
    private struct State {
        var exchanged: [SpaceID: TokenResolver.FoundToken] = [:]
        /// Organizations by account name; `nil` if the request failed.
        var memberships: [String: Set<String>?] = [:]
    }

    private let state = Mutex(State())
    private let mutex = AsyncMutex()

    func token(of space: SpaceID, from publisher: OIDCTokenExchange) async throws(DeployError)
        -> TokenResolver.FoundToken
    {
        try await mutex.withLock { () async throws(DeployError) in
            if let cached = state.withLock({ $0.exchanged[space] }) { return cached }
            let token = try await publisher.token(for: space)
            state.withLock { $0.exchanged[space] = token }
            return token
        }
    }

    /// Returns the token of the account that is a member of the organization and may write. If
    /// there is only one account, its token is returned without a request.
    func token(
        of owner: String, among accounts: [(name: String, token: TokenResolver.FoundToken)],
        _ meter: TrafficCounter?,
        _ hub: (Secret, TrafficCounter?) -> HubClient
    ) async throws(DeployError) -> TokenResolver.FoundToken? {
        guard accounts.count > 1 else { return accounts.first?.token }
        return try await mutex.withLock { () async throws(DeployError) in
            for account in accounts {
                let organizations = await organizations(of: account, hub(account.token.secret, meter))
                if organizations?.contains(owner.lowercased()) == true { return account.token }
            }
            return nil
        }
    }

    private func organizations(
        of account: (name: String, token: TokenResolver.FoundToken), _ hub: HubClient
    ) async -> Set<String>? {
        if let cached = state.withLock({ $0.memberships[account.name] }) { return cached }
        let person = try? await hub.whoami()
        let names = person.map { person in
            Set(person.organizations.filter(\.mayWrite).map { $0.name.lowercased() })
        }
        state.withLock { $0.memberships[account.name] = .some(names) }
        return names
    }
}

extension Account.Organization {
    /// Whether the role permits writing. If the Hub reports no role, this is assumed.
    var mayWrite: Bool { !["read", "no_access"].contains(role) }
}

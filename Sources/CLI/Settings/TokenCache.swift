import HTTP
import HubAPI
import SpacesModel
import Synchronization
import TextTools

/// Tokens that had to be asked for, each once a run.
final class TokenCache: Sendable {
    private struct State {
        var exchanged: [SpaceID: TokenResolver.FoundToken] = [:]
        /// Organisations by the name of the account; nil where it could not be told.
        var memberships: [String: Set<String>?] = [:]
    }

    private let state = Mutex(State())
    private let mutex = AsyncMutex()

    func token(of space: SpaceID, from publisher: OIDCTokenExchange) async throws(DeployError)
        -> TokenResolver.FoundToken
    {
        try await mutex.withLock { () async throws(DeployError) in
            if let known = state.withLock({ $0.exchanged[space] }) { return known }
            let token = try await publisher.token(for: space)
            state.withLock { $0.exchanged[space] = token }
            return token
        }
    }

    /// Of the accounts that have a token of their own, the one that is a member of this organisation and may write; the
    /// only one without a question.
    func token(
        of owner: String, among accounts: [(name: String, token: TokenResolver.FoundToken)],
        _ meter: TrafficCounter?,
        _ hub: (Secret, TrafficCounter?) -> HubClient
    ) async throws(DeployError) -> TokenResolver.FoundToken? {
        guard accounts.count > 1 else { return accounts.first?.token }
        return try await mutex.withLock { () async throws(DeployError) in
            for account in accounts {
                let members = await organizations(of: account, hub(account.token.secret, meter))
                if members?.contains(owner.lowercased()) == true { return account.token }
            }
            return nil
        }
    }

    private func organizations(
        of account: (name: String, token: TokenResolver.FoundToken), _ hub: HubClient
    ) async -> Set<String>? {
        if let known = state.withLock({ $0.memberships[account.name] }) { return known }
        let person = try? await hub.whoami()
        let names = person.map { person in
            Set(person.organizations.filter(\.mayWrite).map { $0.name.lowercased() })
        }
        state.withLock { $0.memberships[account.name] = .some(names) }
        return names
    }
}

extension Account.Organization {
    /// A Hub that tells no role leaves it open.
    var mayWrite: Bool { !["read", "no_access"].contains(role) }
}

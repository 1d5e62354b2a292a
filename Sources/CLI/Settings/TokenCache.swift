import Essentials
import Git
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

/// Exchanges the OpenID Connect identity of a CI job for a Hub token, like `hf`
/// (https://huggingface.co/docs/hub/trusted-publishers).
struct OIDCTokenExchange: Sendable {
    private let environment: CommandEnvironment
    private let client: HTTPClient
    private let endpoint: HubEndpoint
    private let meter: TrafficCounter?

    init(
        _ environment: CommandEnvironment, _ client: HTTPClient, _ endpoint: HubEndpoint,
        _ meter: TrafficCounter?
    ) {
        (self.environment, self.client, self.endpoint, self.meter) = (environment, client, endpoint, meter)
    }

    /// Whether the environment requests the exchange; it then has priority over tokens of the
    /// environment.
    var isAsked: Bool { environment["HF_OIDC_RESOURCE"] != nil || environment["HF_OIDC_ID_TOKEN"] != nil }

    /// Whether the job can get an identity (`permissions: id-token: write`); it may be intended for
    /// another service.
    var isOffered: Bool { minter != nil }

    private var minter: (url: String, token: String)? {
        guard let url = environment["ACTIONS_ID_TOKEN_REQUEST_URL"],
            let token = environment["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]
        else { return nil }
        return (url, token)
    }

    /// Returns a token that is valid only for this Space.
    /// - Throws: kind `permissionDenied`.
    func token(for space: SpaceID) async throws(DeployError) -> TokenResolver.FoundToken {
        let hub = HubClient(client, endpoint: endpoint.url, token: nil, meter: meter)
        let secret = try await hub.exchange(idToken: try await identity(), for: "spaces/\(space)")
        return TokenResolver.FoundToken(
            secret: secret, origin: "OIDC, as a trusted publisher of \(space)", isExchanged: true,
            isSpaceScoped: true)
    }

    private func identity() async throws(DeployError) -> Secret {
        if let text = environment["HF_OIDC_ID_TOKEN"],
            let identity = try TokenText(text, from: "HF_OIDC_ID_TOKEN", for: .identity).secret()
        {
            return identity
        }
        guard let minter,
            let bearer = try TokenText(minter.token, from: "ACTIONS_ID_TOKEN_REQUEST_TOKEN", for: .identity)
                .secret(),
            let url = address(minter.url)
        else {
            throw DeployError(
                .permissionDenied, "HF_OIDC_RESOURCE is set, but this job has no OIDC identity",
                hint:
                    "on GitHub, add permissions: id-token: write to the job; elsewhere, set HF_OIDC_ID_TOKEN")
        }
        let request = HTTPClientRequest(
            "GET", url, headers: ["Accept": "application/json"], authorization: .bearer(bearer),
            isRepeatable: true, responseLimit: 1 << 20)
        let response: HTTPClientResponse
        do throws(HTTPError) { response = try await client.send(request, meter: meter) } catch {
            throw DeployError(
                error, at: url.host() ?? "the CI server", while: "requesting this job's identity")
        }
        guard response.isSuccess, let token = JSON(response.body)?["value"].string.flatMap({ Secret($0) })
        else {
            throw DeployError(
                .permissionDenied,
                "\(url.host() ?? "the CI server") does not issue an identity for this job (status \(response.status))",
                details: response.isSuccess ? JSON.exceededLimits(of: response.body) : [],
                hint: "add permissions: id-token: write to the job")
        }
        return token
    }

    /// The URL for an identity with this Hub as its audience. The request's own token is sent only
    /// over HTTPS or to loopback.
    private func address(_ text: String) -> URL? {
        guard var parts = URLComponents(string: text), let url = parts.url, url.user == nil,
            URLOrigin(url)?.allowsCredentials == true
        else { return nil }
        parts.queryItems =
            (parts.queryItems ?? []) + [URLQueryItem(name: "audience", value: endpoint.description)]
        return parts.url
    }
}

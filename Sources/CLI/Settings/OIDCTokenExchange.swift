import Essentials
import Git
import HTTP
import HubAPI
import SpacesModel
import TextTools

/// A CI job that proves who it is instead of holding a token: OpenID Connect, as `hf` does it
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

    /// Somebody wants it so: it goes before tokens of the environment.
    var isAsked: Bool { environment["HF_OIDC_RESOURCE"] != nil || environment["HF_OIDC_ID_TOKEN"] != nil }

    /// The job may ask for an identity (`permissions: id-token: write`), though maybe for somebody else.
    var isOffered: Bool { minter != nil }

    private var minter: (url: String, token: String)? {
        guard let url = environment["ACTIONS_ID_TOKEN_REQUEST_URL"],
            let token = environment["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]
        else { return nil }
        return (url, token)
    }

    /// A token for this Space alone.
    /// - Throws: kind `notAllowed`.
    func token(for space: SpaceID) async throws(DeployError) -> TokenResolver.FoundToken {
        let hub = HubClient(client, endpoint: endpoint.url, token: nil, meter: meter)
        let secret = try await hub.exchange(idToken: try await identity(), for: "spaces/\(space)")
        return TokenResolver.FoundToken(
            secret: secret, origin: "OIDC, as a trusted publisher of \(space)", isExchanged: true,
            isSpaceScoped: true)
    }

    private func identity() async throws(DeployError) -> Secret {
        if let text = environment["HF_OIDC_ID_TOKEN"],
            let given = try TokenText(text, from: "HF_OIDC_ID_TOKEN", for: .identity).secret()
        {
            return given
        }
        guard let minter,
            let bearer = try TokenText(minter.token, from: "ACTIONS_ID_TOKEN_REQUEST_TOKEN", for: .identity)
                .secret(),
            let url = address(minter.url)
        else {
            throw DeployError(
                .permissionDenied, "HF_OIDC_RESOURCE is set, and this job can prove no identity",
                hint: "on GitHub the job needs permissions: id-token: write; elsewhere set HF_OIDC_ID_TOKEN")
        }
        let request = HTTPClientRequest(
            "GET", url, headers: ["Accept": "application/json"], authorization: .bearer(bearer),
            isRepeatable: true, responseLimit: 1 << 20)
        let answer: HTTPClientResponse
        do throws(HTTPError) { answer = try await client.send(request, meter: meter) } catch {
            throw DeployError(error, at: url.host() ?? "the CI", while: "asking for this job's identity")
        }
        guard answer.isSuccess, let token = JSON(answer.body)?["value"].string.flatMap({ Secret($0) })
        else {
            throw DeployError(
                .permissionDenied,
                "\(url.host() ?? "the CI") gives this job no identity (status \(answer.status))",
                details: answer.isSuccess ? JSON.exceededLimits(of: answer.body) : [],
                hint: "the job needs permissions: id-token: write")
        }
        return token
    }

    /// The identity is meant for this Hub; the request's own token travels only where it cannot be read.
    private func address(_ text: String) -> URL? {
        guard var parts = URLComponents(string: text), let url = parts.url, url.user == nil,
            let origin = URLOrigin(url), origin.scheme == "https" || origin.isLoopback
        else { return nil }
        parts.queryItems =
            (parts.queryItems ?? []) + [URLQueryItem(name: "audience", value: endpoint.description)]
        return parts.url
    }
}

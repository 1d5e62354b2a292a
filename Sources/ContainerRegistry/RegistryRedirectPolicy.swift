import DockerSyntax
import Essentials
import HTTP
import SpacesModel
import TextTools

/// Sends requests to a registry and follows its redirects; every URL is checked before it is requested.
struct RegistryRedirectPolicy {
    let image: ImageReference
    let registry: Origin
    let client: RegistryClient

    /// The most bytes of a manifest, token response or image configuration.
    private static let bodyLimit = 4 << 20
    private static let maxRedirects = 5

    /// Sends a request and follows redirects; responses of every other status are returned. The
    /// authorization is sent to the first origin only.
    func fetch(
        _ method: String, _ start: URL, accept: String, _ authorization: Authorization?
    ) async throws(DeployError) -> HTTPClientResponse {
        var (url, authorization) = (start, authorization)
        for _ in 0...Self.maxRedirects {
            try await check(url)
            let response = try await send(method, url, accept, authorization)
            guard [301, 302, 303, 307, 308].contains(response.status),
                let location = response.headers["Location"]
            else {
                return response
            }
            guard let next = URL(string: location, relativeTo: url)?.absoluteURL else {
                throw redirectError("an invalid URL", "it cannot be parsed")
            }
            if Origin(next) != Origin(url) { authorization = nil }
            url = next
        }
        throw redirectError(Self.redacted(url), "the limit is \(Self.maxRedirects) redirects")
    }

    /// - Throws: `.refused` if untrusted input must not lead to the URL (see `SSRFGuard`).
    func check(_ url: URL) async throws(DeployError) {
        guard let reason = await client.ssrfGuard.rejectionReason(to: url, trustedOrigin: registry) else {
            return
        }
        throw redirectError(Self.redacted(url), reason)
    }

    func redirectError(_ target: String, _ reason: String) -> DeployError {
        DeployError(
            .refused,
            "\(registry) points to \(target) for image \(image.familiar), which is not followed: \(reason)",
            hint: "do not use this registry, unless it is yours: then add that host to your settings, too")
    }

    private func send(
        _ method: String, _ url: URL, _ accept: String, _ authorization: Authorization?
    ) async throws(DeployError) -> HTTPClientResponse {
        var request = HTTPClientRequest(
            method, url, headers: ["Accept": accept], authorization: authorization,
            responseLimit: Self.bodyLimit)
        request.followsRedirects = false
        request.allowedAddresses = client.ssrfGuard.allowedAddresses
        do throws(HTTPError) {
            return try await client.client.send(request, meter: client.meter)
        } catch {
            throw DeployError(
                error, at: Origin(url)?.description ?? registry.description,
                while: "requesting image \(image.familiar)")
        }
    }

    /// Returns scheme and host only: paths and queries may contain signatures.
    private static func redacted(_ url: URL) -> String {
        let text = "\(url.scheme ?? "?")://\(Origin(url)?.description ?? "")"
        return String(text.filter { $0.isASCII && $0 > " " && $0 != "\u{7f}" }.prefix(120))
    }
}

/// The token service named in a registry's challenge, which issues a token to read one image
/// (https://distribution.github.io/distribution/spec/auth/token/).
struct RegistryTokenService {
    let route: RegistryRedirectPolicy
    let origin: Origin
    private let url: URL

    /// - Throws: `.refused` if the realm is not a valid URL, or untrusted input must not lead to it.
    init(_ challenge: RegistryChallenge, on route: RegistryRedirectPolicy) async throws(DeployError) {
        let realmURL: RemoteURL
        do throws(InvalidURL) { realmURL = try RemoteURL(challenge.parameters["realm"] ?? "") } catch {
            throw route.redirectError("a token service without a valid URL", error.reason)
        }
        if let reason = realmURL.objectionFromOutside {
            throw route.redirectError(realmURL.withoutUser.text.redactedURL, reason)
        }
        guard let realm = URL(string: realmURL.text) else {
            throw route.redirectError("a token service without a valid URL", "it cannot be parsed")
        }
        try await route.check(realm)
        // The challenge's own scope is ignored: a registry must not get a token for more than reading
        // this image.
        let query = [
            challenge.parameters["service"].map { "service=" + Self.encoded($0) },
            "scope=" + Self.encoded("repository:\(route.image.repository):pull"),
        ]
        let base = realm.absoluteString.prefix { $0 != "#" }
        let text = base + (base.contains("?") ? "&" : "?") + query.compactMap { $0 }.joined(separator: "&")
        guard let url = URL(string: String(text)), let origin = Origin(url), origin == Origin(realm) else {
            throw route.redirectError("a token service without a valid URL", "its realm is not a URL")
        }
        (self.route, self.url, self.origin) = (route, url, origin)
    }

    func requestToken(_ authorization: Authorization?) async throws(DeployError) -> HTTPClientResponse {
        try await route.fetch("GET", url, accept: "application/json", authorization)
    }

    /// Returns the `token` of the response, or the `access_token` (its name in OAuth 2.0).
    func token(in response: HTTPClientResponse) throws(DeployError) -> Secret {
        let body = JSON(response.body)
        let text = body?["token"].string ?? body?["access_token"].string ?? ""
        let isSafe = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
        guard isSafe, let token = Secret(text) else {
            throw DeployError(
                .tryLater, "\(origin) returned no token for image \(route.image.familiar)",
                details: JSON.exceededLimits(of: response.body),
                hint: "try again later")
        }
        return token
    }

    private static func encoded(_ text: String) -> String {
        let allowed = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:/".utf8)
        return text.utf8.map { byte in
            if allowed.contains(byte) { return String(UnicodeScalar(byte)) }
            return "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
    }
}

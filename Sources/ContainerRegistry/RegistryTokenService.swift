import DockerSyntax
import Essentials
import HTTP
import SpacesModel
import TextTools

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
            throw route.redirectError("a token service without a valid URL", "it cannot be read")
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
            throw route.redirectError("a token service without an address", "its realm is no URL")
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
                .tryLater, "\(origin) gives no token for image \(route.image.familiar)",
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

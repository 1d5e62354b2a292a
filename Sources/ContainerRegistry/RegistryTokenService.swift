import DockerSyntax
import Essentials
import HTTP
import SpacesModel
import TextTools

/// Where a registry sends for a token to read one image
/// (https://distribution.github.io/distribution/spec/auth/token/).
struct RegistryTokenService {
    let route: RegistryRedirectPolicy
    let origin: Origin
    private let url: URL

    /// - Throws: `.refused` for a place that foreign words must not lead to.
    init(_ challenge: RegistryChallenge, on route: RegistryRedirectPolicy) async throws(DeployError) {
        let named: RemoteURL
        do throws(InvalidURL) { named = try RemoteURL(challenge.parameters["realm"] ?? "") } catch {
            throw route.redirectError("a token service without a valid URL", error.reason)
        }
        if let objection = named.objectionFromOutside {
            throw route.redirectError(named.withoutUser.text.redactedURL, objection)
        }
        guard let realm = URL(string: named.text) else {
            throw route.redirectError("a token service without a valid URL", "it cannot be read")
        }
        try await route.check(realm)
        // The scope is ours: a registry must not have more asked for in our name than to read this image.
        let query = [
            challenge.parameters["service"].map { "service=" + Self.encoded($0) },
            "scope=" + Self.encoded("repository:\(route.image.repository):pull"),
        ]
        let place = realm.absoluteString.prefix { $0 != "#" }
        let text = place + (place.contains("?") ? "&" : "?") + query.compactMap { $0 }.joined(separator: "&")
        guard let url = URL(string: String(text)), let origin = Origin(url), origin == Origin(realm) else {
            throw route.redirectError("a token service without an address", "its realm is no URL")
        }
        (self.route, self.url, self.origin) = (route, url, origin)
    }

    func requestToken(_ authorization: Authorization?) async throws(DeployError) -> HTTPClientResponse {
        try await route.fetch("GET", url, accept: "application/json", authorization)
    }

    /// `token`, or `access_token` as OAuth calls it.
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
        let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:/".utf8)
        return text.utf8.map { byte in
            if plain.contains(byte) { return String(UnicodeScalar(byte)) }
            return "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
    }
}

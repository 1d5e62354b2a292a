import DockerSyntax
import Essentials
import HTTP
import SpacesModel

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
                throw redirectError("an address that cannot be read", "it is none")
            }
            if Origin(next) != Origin(url) { authorization = nil }
            url = next
        }
        throw redirectError(Self.redacted(url), "these are more than \(Self.maxRedirects) redirects")
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
            hint: "do not use this registry, unless it is yours: then name that host, too")
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
                while: "asking for image \(image.familiar)")
        }
    }

    /// Returns scheme and host only: paths and queries may contain signatures.
    private static func redacted(_ url: URL) -> String {
        let text = "\(url.scheme ?? "?")://\(Origin(url)?.description ?? "")"
        return String(text.filter { $0.isASCII && $0 > " " && $0 != "\u{7f}" }.prefix(120))
    }
}

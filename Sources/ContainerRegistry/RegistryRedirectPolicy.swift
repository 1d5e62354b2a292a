import DockerSyntax
import Essentials
import HTTP
import SpacesModel

/// The way to a registry and on to where it points, looked at before each step.
struct RegistryRedirectPolicy {
    let image: ImageReference
    let registry: Origin
    let client: RegistryClient

    /// A manifest, a token, a configuration: none of them is large.
    private static let bodyLimit = 4 << 20
    private static let maxRedirects = 5

    /// Every status but a redirect is an answer. What proves who asks goes to the first origin alone.
    func fetch(
        _ method: String, _ start: URL, accept: String, _ authorization: Authorization?
    ) async throws(DeployError) -> HTTPClientResponse {
        var (url, authorization) = (start, authorization)
        for _ in 0...Self.maxRedirects {
            try await check(url)
            let answer = try await send(method, url, accept, authorization)
            guard [301, 302, 303, 307, 308].contains(answer.status), let place = answer.headers["Location"]
            else {
                return answer
            }
            guard let next = URL(string: place, relativeTo: url)?.absoluteURL else {
                throw redirectError("an address that cannot be read", "it is none")
            }
            if Origin(next) != Origin(url) { authorization = nil }
            url = next
        }
        throw redirectError(Self.redacted(url), "these are more than \(Self.maxRedirects) redirects")
    }

    /// - Throws: `.refused` for an address that foreign words must not lead to.
    func check(_ url: URL) async throws(DeployError) {
        guard let objection = await client.ssrfGuard.rejectionReason(to: url, trustedOrigin: registry) else {
            return
        }
        throw redirectError(Self.redacted(url), objection)
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

    /// Scheme and host: paths and queries may hold signatures.
    private static func redacted(_ url: URL) -> String {
        let text = "\(url.scheme ?? "?")://\(Origin(url)?.description ?? "")"
        return String(text.filter { $0.isASCII && $0 > " " && $0 != "\u{7f}" }.prefix(120))
    }
}

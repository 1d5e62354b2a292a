import Essentials
import HTTP
import SpacesModel
import TextTools

/// Client that sends probe requests to a Space's app, with the headers of `probeHeader`.
package struct AppProber: HTTPProber {
    private let client: HTTPClient
    private let meter: TrafficCounter?
    // The app may run untrusted code: Hub tokens are not sent to it, only the configured `probeHeader`
    // values.
    private let headers: [(name: String, value: Secret)]
    /// The secret values in the headers, redacted from all output, as the app may echo them.
    private let secrets: [Secret]

    private static let bodyLimit = 1 << 20
    private static let maxRedirects = 5

    package init(
        _ client: HTTPClient, meter: TrafficCounter? = nil, headers: [(name: String, value: Secret)] = [],
        secrets: [Secret] = []
    ) {
        (self.client, self.meter) = (client, meter)
        (self.headers, self.secrets) = (headers, secrets)
    }

    package var hasCredential: Bool { !secrets.isEmpty }

    package func send(_ probe: ProbeRequest) async throws(DeployError) -> ProbeResponse {
        guard let remote = try? RemoteURL(probe.url), remote.user == nil,
            let first = URL(string: remote.text), let origin = Origin(first)
        else {
            throw DeployError(
                .failed, "\(probe.url.redactedURL) is not a valid URL", hint: "check the path of the probe"
            )
        }
        guard origin.scheme == "https" || origin.isLoopback || headers.isEmpty else {
            throw DeployError(.permissionDenied, "\(origin): probeHeader is sent only over https")
        }
        var (url, method) = (first, probe.method)
        for redirectCount in 0... {
            let (response, next) = try await exchange(probe, method, url, origin)
            guard let next, redirectCount < Self.maxRedirects, !probe.wantsRedirect else { return response }
            guard ["GET", "HEAD"].contains(method) || response.status == 303 else { return response }
            if method != "HEAD" { method = "GET" }
            url = next
        }
        throw DeployError(.internalError, "a probe did not end")
    }

    /// Sends one request.
    /// - Returns: the response, and the target of its redirect if that is on the app's own origin.
    private func exchange(
        _ probe: ProbeRequest, _ method: String, _ url: URL, _ origin: Origin
    ) async throws(DeployError) -> (ProbeResponse, next: URL?) {
        do throws(HTTPError) {
            let response = try await client.stream(makeRequest(probe, method, url, origin), meter: meter)
            var body = Data()
            var pieces = response.chunks.makeAsyncIterator()
            while body.count < Self.bodyLimit, let piece = try await pieces.next(isolation: nil) {
                body.append(piece)
            }
            let location =
                [301, 302, 303, 307, 308].contains(response.status) ? response.headers["Location"] : nil
            let target = location.flatMap { URL(string: $0, relativeTo: url)?.absoluteURL }
            let isOwn = target.flatMap(Origin.init) == origin
            let bytes = [UInt8](body.prefix(Self.bodyLimit))
            let result = ProbeResponse(
                status: response.status, body: bytes, firstLine: firstLine(of: bytes),
                location: isOwn ? nil : location.map(redactedLocation))
            return (result, isOwn ? target : nil)
        } catch {
            guard error != .cancelled else { throw DeployError(.interrupted, "interrupted while probing") }
            throw DeployError(.tryLater, "\(error.host ?? origin.description): \(error.reason)")
        }
    }

    private func makeRequest(_ probe: ProbeRequest, _ method: String, _ url: URL, _ origin: Origin)
        -> HTTPClientRequest
    {
        var request = HTTPClientRequest(method, url, isRepeatable: false, deadline: .seconds(30))
        request.followsRedirects = false
        if let body = probe.body, method == probe.method {
            request.body = .bytes(Data(body))
            if JSON([UInt8](body)) != nil { request.headers["Content-Type"] = "application/json" }
        }
        for (name, value) in headers { request.headers[name] = value.reveal() }
        return request
    }

    /// Returns the first line that is not blank, cut to 200 characters, with the sent secrets redacted.
    private func firstLine(of body: [UInt8]) -> String {
        let text = String(decoding: body.prefix(4_000), as: UTF8.self)
        let line = text.split(whereSeparator: \.isNewline).first { $0.contains { !$0.isWhitespace } }
        return String(redacted(line.map(String.init) ?? "").prefix(200))
    }

    private func redactedLocation(_ location: String) -> String { redacted(location.redactedURL) }

    private func redacted(_ text: String) -> String {
        secrets.reduce(text) { text, secret in
            secret.reveal().isEmpty ? text : text.replacingEach(secret.reveal(), with: "•••")
        }
    }
}

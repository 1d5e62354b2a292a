import Essentials
import HTTP
import SpacesModel
import TextTools

/// Asks a Space's app, as the settings say who asks.
package struct AppProber: HTTPProber {
    private let client: HTTPClient
    private let meter: TrafficCounter?
    // The app runs the code of whoever pushed it: no token of the Hub is sent to it, only what `probeHeader` names.
    private let headers: [(name: String, value: Secret)]
    /// What was put into the headers: nowhere to be shown, whoever sends it back.
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
            throw DeployError(.permissionDenied, "\(origin): what probeHeader says travels only over https")
        }
        var (url, method) = (first, probe.method)
        for hop in 0... {
            let (answer, next) = try await exchange(probe, method, url, origin)
            guard let next, hop < Self.maxRedirects, !probe.wantsRedirect else { return answer }
            guard ["GET", "HEAD"].contains(method) || answer.status == 303 else { return answer }
            if method != "HEAD" { method = "GET" }
            url = next
        }
        throw DeployError(.internalError, "a probe without end")
    }

    /// - Returns: the answer, and where it points when that is the app itself.
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
            let answer = ProbeResponse(
                status: response.status, body: bytes, firstLine: firstLine(of: bytes),
                location: isOwn ? nil : location.map(redactedLocation))
            return (answer, isOwn ? target : nil)
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

    /// As far as a person wants to read it, without what we sent ourselves.
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

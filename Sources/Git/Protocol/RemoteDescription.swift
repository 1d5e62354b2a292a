import Essentials
import HTTP
import SpacesModel
import TextTools

/// Describes a remote in error messages: its display name, whether it is the Space or the source,
/// and how to fix access.
package struct RemoteDescription: Sendable {
    package enum Role: Hashable, Sendable { case space, source }
    package var role: Role
    /// `owner/name` of a Space; a source's URL without credentials.
    package var name: String
    package var host: String
    /// The origin, in the form that a `[source]` section uses; `nil` for the host with https.
    package var origin: String?

    package init(role: Role, name: String, host: String, origin: String? = nil) {
        (self.role, self.name, self.host, self.origin) = (role, name, host, origin)
    }

    private var title: String { role == .space ? "Space \(name) at \(host)" : name }

    /// Throws if a complete response is not a successful response of Git's smart HTTP protocol.
    func examine(
        _ response: HTTPClientResponse, service: SmartHTTPRemote.Service, kind: String, hasToken: Bool
    ) throws(DeployError) {
        guard response.isSuccess else { throw failure(response, service: service, hasToken: hasToken) }
        let type = response.headers["Content-Type"]?.lowercased() ?? ""
        guard !type.hasPrefix("application/x-\(service.rawValue)-\(kind)") else { return }
        guard !response.body.isEmpty else {
            throw DeployError(.tryLater, "\(host) returned an empty response instead of Git's protocol")
        }
        throw response.isWebPage
            ? DeployError(
                .tryLater, "\(host) returned a web page instead of Git's protocol",
                hint: "check the address; a proxy or login page may intercept the connection to \(host)")
            : DeployError(
                role == .space ? .refused : .source,
                "\(host) does not support Git's smart protocol at this address: \(title)",
                details: type.isEmpty ? [] : ["Content-Type: \(type.prefix(80))"])
    }

    /// Returns the error for a response with a status other than success.
    package func failure(_ response: HTTPClientResponse, service: SmartHTTPRemote.Service, hasToken: Bool)
        -> DeployError
    {
        let details = messages(of: response)
        switch response.status {
        case 401:
            return DeployError(
                .permissionDenied,
                hasToken
                    ? "\(host) rejected the token for \(name)"
                    : "\(host) requires a token for \(name), or the \(role == .space ? "Space" : "repository") does not exist",
                details: details, hint: tokenHint(toWrite: service == .receivePack))
        case 402:
            return DeployError(
                .permissionDenied, "\(host) requires a paid plan for \(name)", details: details)
        case 403:
            return DeployError(
                .permissionDenied,
                "this token has no permission to \(service == .receivePack ? "write to" : "read") \(title)",
                details: details, hint: tokenHint(toWrite: service == .receivePack))
        case 404, 410:
            let isOther = role == .space && response.isWebPage && !response.isFromHub
            return isOther ? .notAHub(at: host) : notFound(details, hasToken: hasToken)
        case 408, 425, 429, 500...:
            return DeployError(.tryLater, "\(title): \(reason(response.status))", details: details)
        default:
            return DeployError(
                role == .space ? .refused : .source, "\(title) returned HTTP status \(response.status)",
                details: details)
        }
    }

    private func notFound(_ messages: [String], hasToken: Bool) -> DeployError {
        let alternative = hasToken ? ", or this token cannot access it" : ", or it is private"
        let createHint = "check the name, or create the Space: spacesync push \(name) --create"
        return DeployError(
            role == .space ? .refused : .source,
            (role == .space ? "Space \(name) does not exist at \(host)" : "repository \(name) does not exist")
                + alternative,
            details: messages,
            hint: role == .space ? createHint : "check the URL",
            cause: role == .space ? .spaceMissing : nil)
    }

    private func reason(_ status: Int) -> String {
        switch status {
        case 429: "too many requests to \(host) (HTTP status 429)"
        case 408: "\(host) timed out waiting for the request (HTTP status 408)"
        default: "\(host) reported an error (HTTP status \(status))"
        }
    }

    private func tokenHint(toWrite: Bool) -> String {
        switch (role, toWrite) {
        case (.space, true): "use a token with write access: set HF_TOKEN, or pass --token-file FILE"
        case (.space, false): "use a token with read access: set HF_TOKEN, or pass --token-file FILE"
        case (.source, _): "set a token: [source \"\(origin ?? "https://\(host)")\"] token = env:NAME"
        }
    }

    /// Returns the server's own messages from the header, JSON or plain text: at most 10 lines of
    /// 400 characters each. HTML pages are ignored.
    package func messages(of response: HTTPClientResponse) -> [String] {
        var messages = response.headers["X-Error-Message"].map { [$0] } ?? []
        if let object = JSON([UInt8](response.body))?.object {
            // The LFS API uses the key `message`.
            if let text = (object["error"] ?? object["message"])?.string { messages.append(text) }
        } else if !response.isWebPage {
            messages += response.text.split(whereSeparator: \.isNewline).map(String.init)
        }
        var seen: Set<String> = []
        return messages.prefix(10).map { String($0.redactingURLs.prefix(400)) }.filter {
            !$0.isEmpty && seen.insert($0).inserted
        }
    }
}

extension RemoteDescription {
    /// Returns the error for a request that received no response.
    package func failure(_ error: HTTPError) -> DeployError {
        switch error {
        case .unreachable(let host, let detail):
            DeployError(
                .tryLater, "\(host) cannot be reached", details: [detail],
                hint: "check the \(address), the network and https_proxy, then try again")
        case .timedOut(let host, .connect):
            DeployError(
                .tryLater, "the connection to \(host) timed out",
                hint: "check the \(address), the network and https_proxy, then try again")
        case .timedOut(let host, .total):
            DeployError(
                .tryLater, "\(host) is too slow: less than 1 KiB was transferred per second",
                hint: "try again; idleTimeout in [spacesync] allows more time")
        case .timedOut(let host, _):
            DeployError(
                .tryLater, "\(host) does not respond in time",
                hint: "try again; idleTimeout in [spacesync] allows more time")
        case .untrusted(let host, let detail):
            DeployError(
                .permissionDenied, "the certificate of \(host) is not trusted by this machine",
                details: [detail],
                hint: "check the address and the clock, or add the authority to the system's certificates")
        case .insecure(let host):
            DeployError(
                .permissionDenied, "no token is sent to \(host) without https",
                hint: "use the https address of \(host)")
        case .broken(let host, let detail):
            DeployError(
                .tryLater, "the connection to \(host) was lost", details: [detail],
                hint: "try again; accepted data is not sent again")
        case .tooLong(let host, let limit):
            DeployError(
                .refused, "\(host) sent a response of more than \(limit >> 20) MiB",
                hint: "check the address: this is not the response of a Hub or Git server")
        case .headerTooLong(let host, let limit):
            DeployError(
                .refused, "\(host) sent a response header of more than \(limit)",
                hint: "check the address: this is not the response of a Hub or Git server")
        case .forbiddenAddress(let host, let address):
            DeployError(
                role == .space ? .refused : .source,
                "\(host) is not contacted: its address \(address) belongs to this machine or a private network",
                hint: "to allow it, add it to your own settings: [source \"\(origin ?? host)\"]")
        case .invalidRequest(let host, let reason):
            DeployError(
                role == .space ? .refused : .source, "the request to \(host) cannot be sent: \(reason)",
                hint: "check the \(address)")
        case .redirect(let host, let target):
            DeployError(
                role == .space ? .refused : .source, "\(host) redirects to \(target), which is not followed",
                hint: "use the new address")
        case .cancelled: DeployError(.interrupted, "interrupted")
        }
    }

    /// The setting that contains the remote's address, for hints.
    private var address: String { role == .space ? "Hub's address (HF_ENDPOINT)" : "source's URL" }

    /// Returns the error for a violation of Git's protocol.
    func failure(_ error: ProtocolError, at url: URL) -> DeployError {
        let subject = role == .space ? "Space \(name)" : name
        switch error {
        case .remote(let detail):
            return DeployError(
                role == .space ? .refused : .source, "\(host) refused the request for \(subject)",
                details: [detail])
        case .limitExceeded(let detail):
            return DeployError(
                role == .space ? .refused : .source, "\(subject) has \(detail)",
                hint: "check how the repository was created: Git does not create such objects from files")
        default: return DeployError(.tryLater, "\(subject) could not be read from \(host): \(error.message)")
        }
    }
}

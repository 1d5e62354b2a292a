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
            throw DeployError(.tryLater, "\(host) answered with nothing where Git's protocol was expected")
        }
        throw response.isWebPage
            ? DeployError(
                .tryLater, "\(host) answered with a web page where Git's protocol was expected",
                hint: "look for a proxy or a login page between here and \(host), and at the address")
            : DeployError(
                role == .space ? .refused : .source,
                "\(host) does not speak Git's smart protocol at this address: \(title)",
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
                    ? "\(host) did not accept the token for \(name)"
                    : "\(host) wants a token for \(name), or there is no such \(role == .space ? "Space" : "repository")",
                details: details, hint: tokenHint(toWrite: service == .receivePack))
        case 402:
            return DeployError(
                .permissionDenied, "\(host) asks for a paid plan for \(name)", details: details)
        case 403:
            return DeployError(
                .permissionDenied,
                "this token may not \(service == .receivePack ? "write to" : "read") \(title)",
                details: details, hint: tokenHint(toWrite: service == .receivePack))
        case 404, 410:
            let isOther = role == .space && response.isWebPage && !response.isFromHub
            return isOther ? .notAHub(at: host) : notFound(details, hasToken: hasToken)
        case 408, 425, 429, 500...:
            return DeployError(.tryLater, "\(title): \(reason(response.status))", details: details)
        default:
            return DeployError(
                role == .space ? .refused : .source, "\(title) answered with HTTP status \(response.status)",
                details: details)
        }
    }

    private func notFound(_ messages: [String], hasToken: Bool) -> DeployError {
        let alternative = hasToken ? ", or this token may not see it" : ", or it is private"
        let createHint = "look at the name; a first push makes it: spacesync push \(name) --create"
        return DeployError(
            role == .space ? .refused : .source,
            (role == .space ? "there is no Space \(name) at \(host)" : "there is no repository at \(name)")
                + alternative,
            details: messages,
            hint: role == .space ? createHint : "look at the URL",
            cause: role == .space ? .spaceMissing : nil)
    }

    private func reason(_ status: Int) -> String {
        switch status {
        case 429: "too many requests, says \(host)"
        case 408: "\(host) gave up waiting for the request (HTTP status 408)"
        default: "\(host) has a fault (HTTP status \(status))"
        }
    }

    private func tokenHint(toWrite: Bool) -> String {
        switch (role, toWrite) {
        case (.space, true): "give a token with write access: HF_TOKEN, or --token-file FILE"
        case (.space, false): "give a token that may read it: HF_TOKEN, or --token-file FILE"
        case (.source, _): "give a token: [source \"\(origin ?? "https://\(host)")\"] token = env:NAME"
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
                .tryLater, "\(host) does not take a connection in time",
                hint: "check the \(address), the network and https_proxy, then try again")
        case .timedOut(let host, .total):
            DeployError(
                .tryLater, "\(host) is too slow: it sends or takes less than 1 KiB a second",
                hint: "try again; idleTimeout in [spacesync] allows more time")
        case .timedOut(let host, _):
            DeployError(
                .tryLater, "\(host) does not answer in time",
                hint: "try again; idleTimeout in [spacesync] allows more time")
        case .untrusted(let host, let detail):
            DeployError(
                .permissionDenied, "the certificate of \(host) is not one that this machine trusts",
                details: [detail],
                hint: "look at the address and the clock; add the authority to the system's certificates")
        case .broken(let host, let detail):
            DeployError(
                .tryLater, "the connection to \(host) broke off", details: [detail],
                hint: "try again: what was accepted is found and not sent twice")
        case .tooLong(let host, let limit):
            DeployError(
                .refused, "\(host) sent more than \(limit >> 20) MiB where little was expected",
                hint: "this is not what a Hub or Git server answers: check the address")
        case .headerTooLong(let host, let limit):
            DeployError(
                .refused, "\(host) sent a response header of more than \(limit)",
                hint: "this is not what a Hub or Git server answers: check the address")
        case .forbiddenAddress(let host, let address):
            DeployError(
                role == .space ? .refused : .source,
                "\(host) is not asked: its address \(address) is this machine's or a private network's",
                hint: "if it is meant, name it in your own settings: [source \"\(origin ?? host)\"]")
        case .invalidRequest(let host, let reason):
            DeployError(
                role == .space ? .refused : .source, "the request to \(host) cannot be sent: \(reason)",
                hint: "check the \(address)")
        case .redirect(let host, let target):
            DeployError(
                role == .space ? .refused : .source, "\(host) redirects to \(target), where this is not sent",
                hint: "give the new address")
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
                role == .space ? .refused : .source, "\(host) refused \(subject)", details: [detail])
        case .limitExceeded(let detail):
            return DeployError(
                role == .space ? .refused : .source, "\(subject) has \(detail)",
                hint: "Git does not create such objects from files; check how the repository was made")
        default: return DeployError(.tryLater, "\(subject) could not be read from \(host): \(error.message)")
        }
    }
}

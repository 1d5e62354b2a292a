import Essentials
import HTTP
import SpacesModel

extension RemoteDescription {
    /// Why no answer came.
    package func failure(_ error: HTTPError) -> DeployError {
        switch error {
        case .unreachable(let host, let words):
            DeployError(
                .tryLater, "\(host) cannot be reached", details: [words],
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
        case .untrusted(let host, let words):
            DeployError(
                .permissionDenied, "the certificate of \(host) is not one that this machine trusts",
                details: [words],
                hint: "look at the address and the clock; add the authority to the system's certificates")
        case .broken(let host, let words):
            DeployError(
                .tryLater, "the connection to \(host) broke off", details: [words],
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

    /// Where the host was named.
    private var address: String { role == .space ? "Hub's address (HF_ENDPOINT)" : "source's URL" }

    /// What went wrong in Git's own conversation.
    func failure(_ error: ProtocolError, at url: URL) -> DeployError {
        let place = role == .space ? "Space \(name)" : name
        switch error {
        case .remote(let words):
            return DeployError(
                role == .space ? .refused : .source, "\(host) refused \(place)", details: [words])
        case .limitExceeded(let words):
            return DeployError(
                role == .space ? .refused : .source, "\(place) has \(words)",
                hint: "Git does not create such objects from files; check how the repository was made")
        default: return DeployError(.tryLater, "\(place) could not be read from \(host): \(error.message)")
        }
    }
}

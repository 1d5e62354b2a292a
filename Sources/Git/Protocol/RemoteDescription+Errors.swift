import Essentials
import HTTP
import SpacesModel

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

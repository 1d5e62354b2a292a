import Essentials
import HTTP
import SpacesModel

extension Party {
    /// Why no answer came.
    package func failure(_ fault: HTTPFailure) -> Failure {
        switch fault {
        case .unreachable(let host, let words):
            Failure(
                .tryLater, "\(host) cannot be reached", details: [words],
                hint: "check the \(address), the network and https_proxy, then try again")
        case .timedOut(let host, .connect):
            Failure(
                .tryLater, "\(host) does not take a connection in time",
                hint: "check the \(address), the network and https_proxy, then try again")
        case .timedOut(let host, .total):
            Failure(
                .tryLater, "\(host) is too slow: it sends or takes less than 1 KiB a second",
                hint: "try again; idleTimeout in [spacesync] allows more time")
        case .timedOut(let host, _):
            Failure(
                .tryLater, "\(host) does not answer in time",
                hint: "try again; idleTimeout in [spacesync] allows more time")
        case .untrusted(let host, let words):
            Failure(
                .notAllowed, "the certificate of \(host) is not one that this machine trusts",
                details: [words],
                hint: "look at the address and the clock; add the authority to the system's certificates")
        case .broken(let host, let words):
            Failure(
                .tryLater, "the connection to \(host) broke off", details: [words],
                hint: "try again: what was accepted is found and not sent twice")
        case .tooLong(let host, let limit):
            Failure(
                .refused, "\(host) sent more than \(limit >> 20) MiB where little was expected",
                hint: "this is not what a Hub or Git server answers: check the address")
        case .headerTooLong(let host, let limit):
            Failure(
                .refused, "\(host) sent a response header of more than \(limit)",
                hint: "this is not what a Hub or Git server answers: check the address")
        case .forbiddenAddress(let host, let address):
            Failure(
                role == .space ? .refused : .source,
                "\(host) is not asked: its address \(address) is this machine's or a private network's",
                hint: "if it is meant, name it in your own settings: [source \"\(origin ?? host)\"]")
        case .invalidRequest(let host, let reason):
            Failure(
                role == .space ? .refused : .source, "the request to \(host) cannot be sent: \(reason)",
                hint: "check the \(address)")
        case .redirect(let host, let target):
            Failure(
                role == .space ? .refused : .source, "\(host) redirects to \(target), where this is not sent",
                hint: "give the new address")
        case .cancelled: Failure(.interrupted, "interrupted")
        }
    }

    /// Where the host was named.
    private var address: String { role == .space ? "Hub's address (HF_ENDPOINT)" : "source's URL" }

    /// What went wrong in Git's own conversation.
    func failure(_ fault: WireFault, at url: URL) -> Failure {
        let place = role == .space ? "Space \(name)" : name
        switch fault {
        case .remote(let words):
            return Failure(role == .space ? .refused : .source, "\(host) refused \(place)", details: [words])
        case .excess(let words):
            return Failure(
                role == .space ? .refused : .source, "\(place) has \(words)",
                hint: "Git does not create such objects from files; check how the repository was made")
        default: return Failure(.tryLater, "\(place) could not be read from \(host): \(fault.words)")
        }
    }
}

/// The cause of a failed network request. Adapters translate their client's errors into this type,
/// so that each cause has the same message and exit code everywhere.
package enum NetworkError: Hashable, Sendable {
    case unreachable, timedOut, untrusted, broken, tooLong, redirected, notSent, cancelled
}

extension DeployError {
    /// - Parameters:
    ///   - action: The attempted operation: `reading the state of me/app`.
    ///   - why: The cause in one clause, without the host.
    package init(_ error: NetworkError, at host: String, while action: String, why: String) {
        let (kind, hint) = Self.kindAndHint(of: error, at: host)
        let message =
            error == .cancelled ? "interrupted while \(action)" : "\(host) failed while \(action): \(why)"
        self.init(kind, message, hint: hint)
    }

    /// Returns the error for a 404 with an HTML page that does not come from the Hub but from
    /// another server.
    package static func notAHub(at host: String) -> DeployError {
        DeployError(
            .refused, "\(host) is no Hub: it answers with a web page",
            hint: "check HF_ENDPOINT: https://huggingface.co, or what spacesync hub printed")
    }

    private static func kindAndHint(of error: NetworkError, at host: String) -> (Kind, String) {
        switch error {
        case .unreachable: (.tryLater, "check the name, the network and https_proxy, then try again")
        case .timedOut: (.tryLater, "try again; --timeout and the limits of [spacesync] allow more time")
        case .broken: (.tryLater, "try again: what was accepted is found and not sent twice")
        case .untrusted:
            (
                .permissionDenied,
                "add the authority of \(host) to the system's certificates (update-ca-certificates), if you trust it"
            )
        case .tooLong: (.refused, "this is not what a Hub or Git server answers: check the address")
        case .redirected: (.refused, "use the address it redirects to, if it is the right one")
        case .notSent: (.refused, "check the address \(host) and the settings that name it")
        case .cancelled: (.interrupted, "what was accepted stays; the next run goes on from there")
        }
    }
}

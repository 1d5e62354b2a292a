import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

extension HTTPFailure {
    /// What an error of `URLSession` means. On Linux its text is curl's, and a certificate that nobody trusts has no
    /// code of its own there (−1).
    init(_ error: any Error, at host: String) {
        let cause = error as NSError
        let said = cause.localizedDescription
        switch cause.code {
        case NSURLErrorCancelled: self = .cancelled
        case NSURLErrorCannotFindHost, NSURLErrorDNSLookupFailed, NSURLErrorCannotConnectToHost,
            NSURLErrorNotConnectedToInternet:
            self = .unreachable(host: host, said)
        case NSURLErrorTimedOut: self = .timedOut(host: host, .idle)
        case NSURLErrorServerCertificateUntrusted, NSURLErrorServerCertificateHasBadDate,
            NSURLErrorServerCertificateHasUnknownRoot, NSURLErrorServerCertificateNotYetValid,
            NSURLErrorSecureConnectionFailed:
            self = .untrusted(host: host, said)
        // OpenSSL's words for an answer that is no TLS.
        case _ where said.contains("wrong version number"):
            self = .unreachable(host: host, "it does not speak https at this port")
        default: self = Self.isAboutTrust(said) ? .untrusted(host: host, said) : .broken(host: host, said)
        }
    }

    private static func isAboutTrust(_ text: String) -> Bool {
        ["certificate", "SSL peer", "subject name"].contains { text.localizedCaseInsensitiveContains($0) }
    }
}

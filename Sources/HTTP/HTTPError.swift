internal import CCurl

/// The error of a request without a response. A response is never an error, whatever its status.
package enum HTTPError: Error, Hashable, Sendable {
    /// Name not found, connection refused or no route, with the system's message.
    case unreachable(host: String, String)
    /// A time limit was exceeded.
    case timedOut(host: String, TimeLimit)
    /// The server's certificate is not trusted, or a certificate of this machine is unusable or rejected.
    case untrusted(host: String, String)
    /// The request has a token, and the URL is neither https nor on this machine; nothing was sent.
    case insecure(host: String)
    /// The connection broke before the response was complete.
    case broken(host: String, String)
    /// The body is longer than the request allows.
    case tooLong(host: String, limit: Int)
    /// A redirect that is not followed: too many, to another scheme, or of a request that must not be
    /// repeated.
    case redirect(host: String, to: String)
    /// The header of the response is too long, with a description of the limit.
    case headerTooLong(host: String, limit: String)
    /// The host's address belongs to this machine or a private network, and the request allows only
    /// public addresses.
    case forbiddenAddress(host: String, address: String)
    /// The request is invalid; nothing was sent.
    case invalidRequest(host: String, String)
    case cancelled

    /// The kind of a time limit. `total` limits the whole transfer and grows with the transferred bytes (see
    /// `TransferClock`).
    package enum TimeLimit: String, Hashable, Sendable { case connect, idle, deadline, total }
}

extension HTTPError {
    /// The host, with the port if it is not the scheme's default; `nil` if the request was cancelled.
    package var host: String? {
        switch self {
        case .unreachable(let host, _), .timedOut(let host, _), .untrusted(let host, _), .insecure(let host),
            .broken(let host, _),
            .tooLong(let host, _), .redirect(let host, _), .headerTooLong(let host, _),
            .forbiddenAddress(let host, _), .invalidRequest(let host, _):
            host
        case .cancelled: nil
        }
    }

    /// A description of the error in one clause, without the host.
    package var reason: String {
        switch self {
        case .unreachable(_, let message): "not reachable (\(message))"
        case .timedOut(_, .connect): "no connection within the time limit"
        case .timedOut(_, .idle): "no data within the time limit"
        case .timedOut(_, .deadline): "no response within the time limit"
        case .timedOut(_, .total): "too slow: less than \(TransferClock.minimumRate) bytes a second"
        case .untrusted(_, let message): "its certificate is not trusted (\(message))"
        case .insecure: "a token is sent only over https"
        case .broken(_, let message): "the connection was lost (\(message))"
        case .tooLong(_, let limit): "the response is longer than \(limit) bytes"
        case .redirect(_, let target): "it redirects to \(target), which is not followed"
        case .headerTooLong(_, let limit): "the header of its response is longer than \(limit)"
        case .forbiddenAddress(_, let address):
            "its address \(address) belongs to this machine or a private network"
        case .invalidRequest(_, let reason): "the request cannot be sent: \(reason)"
        case .cancelled: "cancelled"
        }
    }

    /// Maps a libcurl result code to an error.
    /// - Parameters:
    ///   - text: libcurl's error message for the transfer; may be empty.
    ///   - isConnected: whether the connection was ready for the request.
    ///   - hasHeader: whether the header of the response was complete.
    ///   - proxyStatus: the status of a proxy's response to `CONNECT`, or 0.
    init(
        _ result: CURLcode, at host: String, text: String, isConnected: Bool, hasHeader: Bool,
        proxyStatus: Int
    ) {
        let text = Self.printable(text.isEmpty ? String(cString: curl_easy_strerror(result)) : text)
        switch result {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT, CURLE_PROXY,
            CURLE_INTERFACE_FAILED:
            self = .unreachable(host: host, text)
        case CURLE_OPERATION_TIMEDOUT: self = .timedOut(host: host, isConnected ? .idle : .connect)
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CRL_BADFILE:
            self = .untrusted(host: host, text)
        case CURLE_SSL_CONNECT_ERROR: self = Self.handshake(text, at: host)
        case CURLE_URL_MALFORMAT, CURLE_LOGIN_DENIED:
            self = .invalidRequest(host: host, text)
        // The callbacks record their own errors, so a write error here comes from libcurl's decompression.
        case CURLE_WRITE_ERROR, CURLE_BAD_CONTENT_ENCODING:
            self = .broken(host: host, "its compressed body is damaged")
        // libcurl reports its own limit for a header line with these codes.
        case CURLE_OUT_OF_MEMORY, CURLcode(rawValue: 100):
            self =
                isConnected && !hasHeader
                ? .headerTooLong(host: host, limit: "\(ResponseHeaderParser.byteLimit >> 10) KiB")
                : .broken(host: host, text)
        // With TLS 1.3 a server rejects the client certificate only after the handshake.
        case CURLE_RECV_ERROR where text.contains("alert") && text.contains("certificate"),
            CURLE_SEND_ERROR where text.contains("alert") && text.contains("certificate"):
            self = .untrusted(host: host, text)
        case CURLE_SEND_FAIL_REWIND:
            self = .broken(host: host, "the connection was closed while the request was being sent")
        case _ where !isConnected && proxyStatus >= 300:
            self = .unreachable(host: host, "the proxy returned status \(proxyStatus)")
        default: self = .broken(host: host, text)
        }
    }

    /// Returns the error for a failed TLS handshake, classified by OpenSSL's message.
    private static func handshake(_ text: String, at host: String) -> HTTPError {
        func contains(_ phrases: String...) -> Bool { phrases.contains { text.lowercased().contains($0) } }
        if contains("wrong version number", "packet length too long", "http request") {
            return .unreachable(host: host, "it does not use https on this port")
        }
        // The server's certificate, or the client certificate that the server requires.
        if contains("certificate", "unknown ca", "subject name") { return .untrusted(host: host, text) }
        if contains("ssl_error_syscall", "reset by peer", "unexpected eof", "connection refused") {
            return .broken(host: host, text)
        }
        return .unreachable(host: host, "no TLS connection: \(text)")
    }

    /// Returns the text without control characters: parts of it may come from the server.
    private static func printable(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.value >= 32 && $0.value != 127 }))
    }
}

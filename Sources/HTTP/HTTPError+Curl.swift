internal import CCurl

extension HTTPError {
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
            self = .unreachable(host: host, "the proxy answers with status \(proxyStatus)")
        default: self = .broken(host: host, text)
        }
    }

    /// Returns the error for a failed TLS handshake, classified by OpenSSL's message.
    private static func handshake(_ text: String, at host: String) -> HTTPError {
        func contains(_ phrases: String...) -> Bool { phrases.contains { text.lowercased().contains($0) } }
        if contains("wrong version number", "packet length too long", "http request") {
            return .unreachable(host: host, "it does not speak https at this port")
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

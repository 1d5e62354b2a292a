internal import CCurl
import Essentials
import TextTools

/// Setter of libcurl options for one transfer, which records the first error.
struct CurlOptions {
    private let handle: UnsafeMutableRawPointer
    private(set) var firstError: CURLcode = CURLE_OK

    init(_ handle: UnsafeMutableRawPointer) { self.handle = handle }

    private mutating func record(_ result: CURLcode) {
        if firstError == CURLE_OK { firstError = result }
    }

    mutating func set(_ option: CURLoption, _ value: Int) {
        record(spacesync_curl_set_long(handle, option, value))
    }

    mutating func set(_ option: CURLoption, _ isOn: Bool) { set(option, isOn ? 1 : 0) }

    /// Sets an option that is only an optimisation and may be unknown to an older libcurl.
    func setIfSupported(_ option: CURLoption, _ value: Int) {
        _ = spacesync_curl_set_long(handle, option, value)
    }

    mutating func set(_ option: CURLoption, size: Int64) {
        record(spacesync_curl_set_offset(handle, option, curl_off_t(size)))
    }

    mutating func set(_ option: CURLoption, _ text: String) {
        record(spacesync_curl_set_string(handle, option, text))
    }

    mutating func set(_ option: CURLoption, pointer: UnsafeMutableRawPointer) {
        record(spacesync_curl_set_pointer(handle, option, pointer))
    }

    mutating func set(_ option: CURLoption, _ function: curl_write_callback) {
        record(spacesync_curl_set_transfer(handle, option, function))
    }

    mutating func setHeaders(_ list: UnsafeMutablePointer<curl_slist>?) {
        record(spacesync_curl_set_headers(handle, list))
    }

    mutating func setSocketOpener(_ function: curl_opensocket_callback) {
        record(spacesync_curl_set_socket_opener(handle, function))
    }

    mutating func setBeforeRequest(_ function: curl_prereq_callback) {
        record(spacesync_curl_set_before_request(handle, function))
    }
}

extension CurlTransfer {
    /// Sets all libcurl options of the request.
    /// - Parameter waitsForSharedConnection: whether to wait for a connection that is being opened,
    ///   which may multiplex this request.
    /// - Throws: `.invalidRequest` if the request cannot be sent as it is.
    func configure(
        share: UnsafeMutableRawPointer?, waitsForSharedConnection: Bool
    ) throws(HTTPError) {
        let request = task.request
        var options = CurlOptions(handle)
        options.set(CURLOPT_URL, try request.wireURL())
        setCallbacks(&options)
        setProtocol(&options, isTLS: request.url.scheme?.lowercased() == "https", waitsForSharedConnection)
        try setMethod(&options)
        try setHeaders(&options)
        try setProxy(&options)
        setTrust(&options)
        if let share { options.set(CURLOPT_SHARE, pointer: share) }
        guard options.firstError == CURLE_OK else {
            let reason = String(cString: curl_easy_strerror(options.firstError))
            throw .invalidRequest(host: task.host, "libcurl: \(reason)")
        }
    }

    private func setProtocol(_ options: inout CurlOptions, isTLS: Bool, _ waitsForSharedConnection: Bool) {
        options.set(CURLOPT_PROTOCOLS_STR, "http,https")
        options.set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
        options.set(CURLOPT_FOLLOWLOCATION, false)
        options.set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        options.set(CURLOPT_DISALLOW_USERNAME_IN_URL, true)
        options.set(CURLOPT_NOSIGNAL, true)
        options.set(CURLOPT_NOPROGRESS, true)
        options.set(CURLOPT_PATH_AS_IS, true)
        options.set(CURLOPT_HTTP09_ALLOWED, false)
        options.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, true)
        options.set(CURLOPT_TCP_KEEPALIVE, true)
        // `TransferClock` enforces the connect timeout; libcurl's own only makes it try the next
        // address of a host in time.
        options.set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(task.timeouts.connect + .seconds(1)))
        // A hanging resolver must not delay the end of a transfer.
        options.setIfSupported(CURLOPT_QUICK_EXIT, 1)
        options.setIfSupported(CURLOPT_CA_CACHE_TIMEOUT, 86_400)
        // HTTP/2 only over TLS, where ALPN negotiates it.
        options.set(CURLOPT_HTTP_VERSION, Int(isTLS ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1))
        options.set(CURLOPT_PIPEWAIT, isTLS && waitsForSharedConnection)
        // A paused transfer buffers what one read decompresses to, which may be 1000 times its size:
        // use small reads then.
        options.set(CURLOPT_BUFFERSIZE, task.request.acceptsGzip ? 16 << 10 : 64 << 10)
        if task.request.acceptsGzip { options.set(CURLOPT_ACCEPT_ENCODING, "gzip") }
    }

    private func setMethod(_ options: inout CurlOptions) throws(HTTPError) {
        let (method, body) = (task.request.method, task.request.body)
        guard !method.isEmpty, method.utf8.allSatisfy(HTTPFields.isTokenByte) else {
            throw .invalidRequest(host: task.host, "its method is invalid")
        }
        switch body {
        case .none where method == "HEAD": options.set(CURLOPT_NOBODY, true)
        case .none where ["GET", "DELETE"].contains(method): options.set(CURLOPT_CUSTOMREQUEST, method)
        case .none: try setBody(&options, method) { DataReader(Data()) }
        case .bytes(let data): try setBody(&options, method) { DataReader(data) }
        case .stream(_, let open): try setBody(&options, method, open)
        }
    }

    private func setBody(
        _ options: inout CurlOptions, _ method: String, _ open: () throws -> any BodyReader
    ) throws(HTTPError) {
        options.set(CURLOPT_UPLOAD, true)
        options.set(CURLOPT_CUSTOMREQUEST, method)
        options.set(CURLOPT_INFILESIZE_LARGE, size: task.request.body.length ?? -1)
        options.set(CURLOPT_UPLOAD_BUFFERSIZE, 256 << 10)
        try openBody(open)
    }

    private func setHeaders(_ options: inout CurlOptions) throws(HTTPError) {
        var headers = task.request.headers
        headers["Authorization"] = task.request.authorization?.header ?? headers["Authorization"]
        if case .none = task.request.body {
        } else if headers["Content-Type"] == nil {
            headers["Content-Type"] = "application/octet-stream"
        }
        var lines = ["Expect:"]
        for field in headers.fields {
            guard !field.name.isEmpty, field.name.utf8.allSatisfy(HTTPFields.isTokenByte) else {
                throw .invalidRequest(host: task.host, "a header field has an invalid name")
            }
            guard !field.value.utf8.contains(where: { $0 == 13 || $0 == 10 || $0 == 0 }) else {
                throw .invalidRequest(
                    host: task.host, "the value of \(field.name) contains a line break or NUL")
            }
            lines.append(field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
        }
        for line in lines {
            guard let extended = curl_slist_append(list, line) else {
                throw .invalidRequest(host: task.host, "libcurl is out of memory")
            }
            list = extended
        }
        options.setHeaders(list)
    }

    private func setProxy(_ options: inout CurlOptions) throws(HTTPError) {
        // Always set both: libcurl reads unset proxy options from the environment.
        options.set(CURLOPT_NOPROXY, "")
        guard let proxy = task.network.proxy(for: task.request.url) else {
            return options.set(CURLOPT_PROXY, "")
        }
        guard proxy.isSupported else {
            throw .invalidRequest(host: task.host, "the proxy \(proxy) is not supported")
        }
        options.set(CURLOPT_PROXY, proxy.description)
        options.set(CURLOPT_PROXYAUTH, spacesync_auth_basic)
        if let user = proxy.user { options.set(CURLOPT_PROXYUSERNAME, user) }
        if let password = proxy.password { options.set(CURLOPT_PROXYPASSWORD, password.reveal()) }
    }

    private func setTrust(_ options: inout CurlOptions) {
        options.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        options.set(CURLOPT_PROXY_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        options.set(CURLOPT_SSL_VERIFYPEER, true)
        options.set(CURLOPT_SSL_VERIFYHOST, 2)
        options.set(CURLOPT_PROXY_SSL_VERIFYPEER, true)
        options.set(CURLOPT_PROXY_SSL_VERIFYHOST, 2)
        let trust = task.network.trust(for: task.request.url)
        if let file = trust.authorities?.value ?? CertificateStore.replacement {
            options.set(CURLOPT_CAINFO, file)
            options.set(CURLOPT_PROXY_CAINFO, file)
        }
        if let directory = trust.authorityDirectory {
            options.set(CURLOPT_CAPATH, directory.value)
            options.set(CURLOPT_PROXY_CAPATH, directory.value)
        }
        if let certificate = trust.certificate { options.set(CURLOPT_SSLCERT, certificate.value) }
        if let key = trust.key { options.set(CURLOPT_SSLKEY, key.value) }
    }

    private func milliseconds(_ time: Duration) -> Int {
        Int(min(time / .milliseconds(1), Double(Int32.max)))
    }
}

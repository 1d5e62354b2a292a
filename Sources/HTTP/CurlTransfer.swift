internal import CCurl
import Essentials

/// One libcurl transfer. Used only on the thread of `CurlLoop`, on which libcurl's callbacks run, too.
final class CurlTransfer {
    let task: RequestTask
    let handle: UnsafeMutableRawPointer
    var clock: TransferClock
    /// Whether a time limit was exceeded at the last check.
    var isOverdue = false
    /// Whether the connection supports multiplexing; `nil` if no connection is established yet.
    private(set) var isMultiplexed: Bool?
    private var parser = ResponseHeaderParser()
    private var body: (any BodyReader)?
    /// The number of body bytes passed to libcurl.
    private var sent: Int64 = 0
    private var hasSentAll: Bool
    private var received = 0
    /// The error for which a callback ended the transfer.
    private var failure: HTTPError?
    private var isReceivingPaused = false
    private var isSendingPaused = false
    /// The number of times that libcurl started to send the request: it sends the request again if a
    /// reused connection was closed.
    private var attempts = 0
    /// The header list, which must stay valid as long as libcurl uses it.
    var list: UnsafeMutablePointer<curl_slist>?
    private let errorText: UnsafeMutablePointer<CChar>

    init?(_ task: RequestTask) {
        guard let handle = curl_easy_init() else { return nil }
        (self.task, self.handle, hasSentAll) = (task, handle, task.request.body.length == 0)
        clock = TransferClock(task.timeouts, at: .now)
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        curl_easy_cleanup(handle)
        curl_slist_free_all(list)
        errorText.deallocate()
    }

    /// Closes the reader of the request's body.
    func close() {
        body?.close()
        body = nil
    }

    /// Resumes a paused transfer; does nothing if it is not paused.
    func resume() {
        guard isReceivingPaused || isSendingPaused else { return }
        (isReceivingPaused, isSendingPaused) = (false, false)
        clock.resume(at: .now)
        // libcurl delivers its buffered bytes immediately, which may pause the transfer again.
        curl_easy_pause(handle, CURLPAUSE_CONT)
    }

    /// Returns the error for libcurl's result; `nil` if the transfer succeeded.
    func outcome(of result: CURLcode) -> HTTPError? {
        if let failure { return failure }
        guard result != CURLE_OK else {
            return parser.isComplete ? nil : .broken(host: task.host, "no response")
        }
        if clock.isRefusedEarly { return nil }
        var connectStatus = 0
        _ = spacesync_curl_get_long(handle, CURLINFO_HTTP_CONNECTCODE, &connectStatus)
        return HTTPError(
            result, at: task.host, text: String(cString: errorText), isConnected: clock.isConnected,
            hasHeader: parser.isComplete, proxyStatus: connectStatus)
    }

    struct End { var failure: HTTPError? }

    /// Returns the end of the transfer if a time limit is exceeded; `nil` otherwise.
    func timeout(at now: ContinuousClock.Instant) -> End? {
        if clock.isSampleDue(at: now) { clock.recordSample(uploaded, at: now) }
        guard let limit = clock.expiredLimit(at: now) else { return nil }
        return End(failure: clock.isRefusedEarly && limit == .idle ? nil : .timedOut(host: task.host, limit))
    }

    /// The number of body bytes sent to the socket.
    private var uploaded: Int64 {
        var count = curl_off_t(0)
        _ = spacesync_curl_get_offset(handle, CURLINFO_SIZE_UPLOAD_T, &count)
        return Int64(count)
    }

    private func fail(_ failure: HTTPError) { self.failure = self.failure ?? failure }
}

/// The libcurl callbacks.
extension CurlTransfer {
    private static func of(_ pointer: UnsafeMutableRawPointer?) -> CurlTransfer? {
        pointer.map { Unmanaged<CurlTransfer>.fromOpaque($0).takeUnretainedValue() }
    }

    func setCallbacks(_ options: inout CurlOptions) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        for option in [CURLOPT_HEADERDATA, CURLOPT_WRITEDATA, CURLOPT_READDATA, CURLOPT_OPENSOCKETDATA] {
            options.set(option, pointer: context)
        }
        options.set(CURLOPT_PREREQDATA, pointer: context)
        options.set(CURLOPT_ERRORBUFFER, pointer: UnsafeMutableRawPointer(errorText))
        options.set(CURLOPT_HEADERFUNCTION) { bytes, size, count, transfer in
            CurlTransfer.of(transfer)?.receiveHeader(
                UnsafeRawBufferPointer(start: bytes, count: size * count)) ?? 0
        }
        options.set(CURLOPT_WRITEFUNCTION) { bytes, size, count, transfer in
            CurlTransfer.of(transfer)?.receive(UnsafeRawBufferPointer(start: bytes, count: size * count)) ?? 0
        }
        options.set(CURLOPT_READFUNCTION) { bytes, size, count, transfer in
            let buffer = UnsafeMutableRawBufferPointer(start: bytes, count: size * count)
            return CurlTransfer.of(transfer)?.send(into: buffer) ?? Int(CURL_READFUNC_ABORT)
        }
        options.setSocketOpener { transfer, _, address in
            guard let address, let transfer = CurlTransfer.of(transfer) else { return CURL_SOCKET_BAD }
            return transfer.openSocket(address)
        }
        options.setBeforeRequest { transfer, address, _, _, _ in
            guard let transfer = CurlTransfer.of(transfer), transfer.begin(at: address) else {
                return CURL_PREREQFUNC_ABORT
            }
            return CURL_PREREQFUNC_OK
        }
    }

    /// Opens the reader of the request's body.
    func openBody(_ open: () throws -> any BodyReader) throws(HTTPError) {
        do {
            body = try open()
        } catch {
            throw .broken(host: task.host, "the body cannot be read: \(error)")
        }
        body?.start { [task] in task.resumeSending() }
    }

    /// Checks the address of a new connection, after name resolution and redirects, and opens its socket.
    private func openSocket(_ address: UnsafeMutablePointer<curl_sockaddr>) -> curl_socket_t {
        guard let offset = MemoryLayout<curl_sockaddr>.offset(of: \.addr) else { return CURL_SOCKET_BAD }
        // The address may be longer than `sockaddr`.
        let bytes = UnsafeRawBufferPointer(
            start: UnsafeRawPointer(address) + offset, count: Int(address.pointee.addrlen))
        return isAllowed(IPAddress(socketAddress: bytes, family: address.pointee.family))
            ? spacesync_open_socket(address) : CURL_SOCKET_BAD
    }

    /// Whether the request may be sent to the address. `nil`, an unknown address family, is forbidden.
    private func isAllowed(_ address: IPAddress?) -> Bool {
        guard let origin = Origin(task.request.url), !task.request.allowedAddresses.isOpen(to: origin),
            !usesProxy
        else { return true }
        guard let address, !address.isPrivate else {
            fail(.forbiddenAddress(host: task.host, address: address?.description ?? "?"))
            return false
        }
        return true
    }

    private var usesProxy: Bool { task.network.proxy(for: task.request.url) != nil }

    /// Called when a new or reused connection is ready, before the request is sent on it.
    /// - Returns: whether the request may be sent.
    private func begin(at address: UnsafePointer<CChar>?) -> Bool {
        // If one address of a host is forbidden, its other addresses are not used either.
        guard failure == nil, isAllowed(address.flatMap { IPAddress(literal: String(cString: $0)) })
        else { return false }
        attempts += 1
        if attempts > 1 {
            guard task.request.isRepeatable || ["GET", "HEAD"].contains(task.request.method) else {
                fail(.broken(host: task.host, "the connection was closed while the request was being sent"))
                return false
            }
        }
        clock.recordConnected(at: .now)
        return true
    }

    private func receiveHeader(_ line: UnsafeRawBufferPointer) -> Int {
        clock.recordTransfer(line.count, at: .now)
        do throws(ResponseHeaderParser.ParseError) {
            guard let header = try parser.consume(line) else { return line.count }
            clock.isRefusedEarly = header.status >= 300 && !hasSentAll
            clock.isSending = false
            recordVersion()
            task.deliver(header)
            return line.count
        } catch {
            switch error {
            case .tooLong(let limit): fail(.headerTooLong(host: task.host, limit: limit))
            case .malformed(let reason): fail(.broken(host: task.host, reason))
            }
            return 0
        }
    }

    private func recordVersion() {
        var version = 0
        guard spacesync_curl_get_long(handle, CURLINFO_HTTP_VERSION, &version) == CURLE_OK else { return }
        isMultiplexed = version >= CURL_HTTP_VERSION_2_0
    }

    private func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard received + bytes.count <= task.request.responseLimit else {
            fail(.tooLong(host: task.host, limit: task.request.responseLimit))
            return 0
        }
        switch task.deliver(bytes) {
        case .accepted: break
        case .full:
            isReceivingPaused = true
            clock.pause(at: .now)
            return Int(CURL_WRITEFUNC_PAUSE)
        case .over: return 0
        }
        received += bytes.count
        clock.recordTransfer(bytes.count, at: .now)
        task.meter?.addReceived(bytes.count)
        return bytes.count
    }

    private func send(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let length = task.request.body.length
        let capacity = min(Int64(buffer.count), (length ?? .max) - sent)
        guard capacity > 0 else { return 0 }
        let target = UnsafeMutableRawBufferPointer(rebasing: buffer[..<Int(capacity)])
        switch body?.read(into: target) ?? .failed("it was already read") {
        case .bytes(let count):
            sent += Int64(count)
            hasSentAll = sent == length
            clock.isSending = true
            clock.recordTransfer(count, at: .now)
            task.meter?.addSent(count)
            return count
        case .end:
            guard let length, sent < length else {
                hasSentAll = true
                return 0
            }
            fail(.broken(host: task.host, "the body ended after \(sent) of \(length) bytes"))
        case .waiting:
            isSendingPaused = true
            clock.pause(at: .now)
            return Int(CURL_READFUNC_PAUSE)
        case .failed(let reason):
            fail(.broken(host: task.host, "the body cannot be read: \(reason)"))
        }
        return Int(CURL_READFUNC_ABORT)
    }
}

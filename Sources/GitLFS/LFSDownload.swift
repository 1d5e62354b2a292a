import Essentials
import Git
import HTTP
import SpacesModel

/// Downloads one object from a server into a spool file. It requests ranges, as data that the disk
/// does not accept in time would accumulate in memory. After a broken connection it resumes.
struct LFSDownload: Sendable {
    let server: LFSClient
    let pointer: LFSPointer
    /// The number of bytes per range request.
    let window: Int

    /// The range size in bytes for downloads of one object at a time.
    static let maxWindow = 8 << 20
    private static let attempts = 3

    /// Downloads the complete object and verifies its SHA-256. Requests a new link if the link has
    /// expired.
    func download(_ first: LFSAction, into spool: SpoolFile) async throws(DeployError) {
        var link = first
        for attempt in 1...Self.attempts {
            do throws(DeployError) {
                try await run(link, into: spool)
                break
            } catch {
                guard error.cause == .linkExpired, attempt < Self.attempts,
                    case .action(let next)? = try await server.requestBatch(.download, [pointer])[pointer.oid]
                else { throw error }
                link = next
            }
        }
        try spool.verify(pointer, "the download from \(server.party.host) is damaged")
    }

    /// - Throws: cause `linkExpired` if a new link may help; kind `source` if there are more bytes
    ///   than the pointer's size.
    func run(_ link: LFSAction, into spool: SpoolFile) async throws(DeployError) {
        try await server.examine(link)
        var (failedAttempts, fullStarts) = (0, 0)
        while spool.length < pointer.size {
            let start = spool.length
            if start == 0 { fullStarts += 1 }
            guard fullStarts <= 3 else {
                throw DeployError(
                    .tryLater,
                    "\(server.party.host) interrupts each download and does not support partial downloads")
            }
            do throws(DeployError) {
                try await fetch(try request(link, from: start, into: spool), from: start, into: spool)
            } catch {
                // The HTTP client does not retry a response body that was cut off.
                let hasProgressed = spool.length > start
                guard error.kind == .tryLater, error.cause == nil, spool.failure == nil,
                    hasProgressed || failedAttempts < 2
                else { throw error }
                failedAttempts = hasProgressed ? 0 : failedAttempts + 1
            }
        }
    }

    private func request(_ link: LFSAction, from start: Int, into spool: SpoolFile) throws(DeployError)
        -> HTTPClientRequest
    {
        let address = try server.address(link.action.href)
        var headers = server.headers(of: link.action)
        let authorization = server.authorization(
            for: address, headers, isAuthenticated: link.isAuthenticated)
        headers["Range"] = "bytes=\(start)-\(min(start + window, pointer.size) - 1)"
        var request = HTTPClientRequest(
            "GET", address, headers: headers, authorization: authorization, isRepeatable: true,
            responseLimit: max(pointer.size, 1 << 20))
        // A redirect would bypass the SSRF check.
        request.followsRedirects = server.gate == nil
        if let gate = server.gate { request.allowedAddresses = gate.allowedAddresses }
        let (size, window) = (pointer.size, window)
        request.sink = { status, bytes in
            let end = status == 206 ? min(start + window, size) : size
            guard status == 206 || start == 0, spool.length + bytes.count <= end else { return false }
            return spool.append(bytes)
        }
        return request
    }

    private func fetch(_ request: HTTPClientRequest, from start: Int, into spool: SpoolFile)
        async throws(DeployError)
    {
        let streamed: StreamedResponse
        do throws(HTTPError) { streamed = try await server.client.stream(request, meter: server.meter) } catch
        {
            throw spool.failure ?? server.party.failure(error)
        }
        // A server without range support sends the object from the start: discard what was
        // received.
        if streamed.status == 200, start > 0 { return spool.clear() }
        let response: HTTPClientResponse
        do throws(HTTPError) { response = try await streamed.collect() } catch {
            throw spool.failure ?? failure(error, after: spool.length)
        }
        guard streamed.isSuccess else { throw refusal(response) }
        guard spool.length > start else {
            throw DeployError(.tryLater, "\(server.party.host) sent no data")
        }
    }

    /// Returns the error of a request. The sink cancels a request that sends too much.
    private func failure(_ error: HTTPError, after length: Int) -> DeployError {
        guard error == .cancelled, !Task.isCancelled else { return server.party.failure(error) }
        return DeployError(
            .source,
            "\(server.party.host) sends more than the \(pointer.size) bytes in the pointer")
    }

    private func refusal(_ response: HTTPClientResponse) -> DeployError {
        let host = Origin(response.url)?.hostAndPort ?? server.party.host
        var failure = DeployError(
            LFSClient.isTemporary(response.status) ? .tryLater : .source,
            "\(host) refused the download (HTTP status \(response.status))",
            details: StorageErrorParser.messages(response))
        failure.cause = .linkExpired
        return failure
    }
}

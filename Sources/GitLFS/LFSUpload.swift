import Essentials
import Git
import HTTP
import SpacesModel
import TextTools

/// Uploads one object to the Hub's storage, in one request or in parts, and verifies it.
struct LFSUpload: Sendable {
    let server: LFSClient
    let pointer: LFSPointer
    let content: ObjectContent
    /// Verifies content whose hash has not been checked yet; `nil` for verified content.
    let verifier: ContentVerifier?
    let progress: LFSObjectProgress
    /// The maximum number of parts to upload concurrently.
    let maxConcurrentParts: Int

    /// - Throws: cause `linkExpired` if a new link may help.
    func run(_ link: LFSAction) async throws(DeployError) {
        if link.partSize == nil { try await uploadBasic(link) } else { try await uploadMultipart(link) }
        try await verify(link)
    }

    /// Uploads the object in one request. The URL is presigned, so no token is sent.
    private func uploadBasic(_ link: LFSAction) async throws(DeployError) {
        _ = try await put(
            0..<pointer.size, to: link.action.href, server.headers(of: link.action), verifier)
    }

    func put(
        _ range: Range<Int>, to href: String, _ headers: HTTPFields, _ verifier: ContentVerifier?
    ) async throws(DeployError) -> HTTPClientResponse {
        let (content, objectProgress, address) = (content, progress, try server.address(href))
        var headers = headers
        if headers["Content-Type"] == nil { headers["Content-Type"] = "application/octet-stream" }
        let body = HTTPClientRequest.Body.stream(length: Int64(range.count)) {
            objectProgress.restart(range.lowerBound)
            return ContentStream(content, range, verifier: verifier) {
                objectProgress.add($0, at: range.lowerBound)
            }
        }
        var request = HTTPClientRequest(
            "PUT", address, headers: headers, body: body, isRepeatable: true, responseLimit: 1 << 20)
        request.minIdleLimit = .seconds(120)
        request.isFutile = { verifier?.error != nil }
        let response: HTTPClientResponse
        do throws(HTTPError) { response = try await server.client.send(request, meter: server.meter) } catch {
            if let verificationError = verifier?.error { throw self.failure(verificationError) }
            throw storageFailure(error)
        }
        try examine(response)
        return response
    }

    /// Calls the verify action: the Hub accepts an object only after it.
    private func verify(_ link: LFSAction) async throws(DeployError) {
        guard let verify = link.verify else { return }
        let address = try server.address(verify.href), headers = server.headers(of: verify)
        let response = try await server.send(
            LFSBatch.ObjectSpec(oid: pointer.oid, size: pointer.size), to: address,
            authorization: server.authorization(for: address, headers, isAuthenticated: false),
            headers: headers)
        guard !response.isSuccess else { return }
        // The LFS server's own statuses are reported like those of other requests: exit code 5 for
        // missing permissions, 75 for an outage.
        let isOfServer = Origin(address) == Origin(server.url)
        if LFSClient.isTemporary(response.status) || (isOfServer && [401, 403].contains(response.status)) {
            throw server.party.failure(
                response, service: .receivePack, hasToken: server.authorization != nil)
        }
        throw DeployError(
            .refused, "\(server.party.host) did not confirm the upload (HTTP status \(response.status))",
            details: server.party.messages(of: response))
    }

    /// - Throws: the storage's error unless the response is a success.
    func examine(_ response: HTTPClientResponse) throws(DeployError) {
        guard !response.isSuccess else { return }
        let host = Origin(response.url)?.hostAndPort ?? server.party.host
        var failure = DeployError(
            LFSClient.isTemporary(response.status) && response.status != 501 ? .tryLater : .refused,
            "\(host) refused the upload (HTTP status \(response.status))",
            details: StorageErrorParser.messages(response))
        if [400, 401, 403, 404, 410].contains(response.status) { failure.cause = .linkExpired }
        throw failure
    }

    func failure(_ failure: ContentVerifier.VerificationError) -> DeployError {
        switch failure {
        case .damaged(let actual):
            DeployError(
                .source,
                "its content is damaged: the SHA-256 is \(actual.prefix(12))…, but the pointer has \(pointer.oid.prefix(12))…",
                hint: "run git lfs fsck to find and fix it")
        case .unreadable:
            DeployError(.source, "it cannot be read completely: \(pointer.size) bytes were expected")
        }
    }

    private func storageFailure(_ error: HTTPError) -> DeployError {
        var failure = server.party.failure(error)
        if failure.kind == .tryLater { failure.hint = "push again; uploaded files are not sent again" }
        return failure
    }
}

extension LFSUpload {
    /// Uploads parts concurrently. The parts become an object only when they are completed, so the
    /// complete content is verified before that.
    func uploadMultipart(_ link: LFSAction) async throws(DeployError) {
        let (ranges, addresses) = (try parts(of: link), link.parts)
        async let isValid = isContentValid()
        let etags = try await uploadParts(ranges, addresses)
        // Checked before completion, so that damaged content never becomes an object.
        if await !isValid, let verificationError = verifier?.error { throw self.failure(verificationError) }
        try await complete(link, etags)
    }

    private func isContentValid() async -> Bool {
        if let verifier { await verifier.verify(content) } else { true }
    }

    private func uploadParts(_ ranges: [Range<Int>], _ addresses: [String]) async throws(DeployError)
        -> [String]
    {
        var etags = [String](repeating: "", count: ranges.count)
        let failure: DeployError? = await withTaskGroup(of: (Int, Result<String, DeployError>).self) {
            group in
            for index in ranges.indices {
                if index >= maxConcurrentParts, let result = await group.next(), let failure = record(result)
                {
                    group.cancelAll()
                    return failure
                }
                group.addTask { (index, await uploadPart(ranges[index], addresses[index])) }
            }
            for await result in group {
                guard let failure = record(result) else { continue }
                group.cancelAll()
                return failure
            }
            return nil
        }
        func record(_ result: (index: Int, etag: Result<String, DeployError>)) -> DeployError? {
            switch result.etag {
            case .success(let etag): etags[result.index] = etag
            case .failure(let failure): return failure
            }
            return nil
        }
        if let failure { throw failure }
        return etags
    }

    private func uploadPart(_ range: Range<Int>, _ href: String) async -> Result<String, DeployError> {
        do throws(DeployError) {
            let response = try await put(range, to: href, [:], nil)
            guard let etag = response.headers["ETag"], !etag.isEmpty else {
                throw DeployError(
                    .tryLater, "the storage of \(server.party.host) did not confirm a part (no ETag)")
            }
            return .success(etag)
        } catch { return .failure(error) }
    }

    private func parts(of link: LFSAction) throws(DeployError) -> [Range<Int>] {
        guard let size = link.partSize, pointer.size > 0 else { return [] }
        let count = pointer.size / size + (pointer.size % size > 0 ? 1 : 0)
        guard count == link.parts.count else {
            throw DeployError(
                .tryLater,
                "\(server.party.host) returned \(link.parts.count) URLs for \(count) parts of \(size) bytes")
        }
        let starts = stride(from: 0, to: pointer.size, by: size)
        return starts.map { $0..<($0 + min(size, pointer.size - $0)) }
    }

    private struct Completion: Encodable {
        struct Part: Encodable {
            var partNumber: Int
            var etag: String
        }
        var oid: String
        var parts: [Part]
    }

    /// Completes a multipart upload. The URL is presigned, so no token is sent.
    private func complete(_ link: LFSAction, _ etags: [String]) async throws(DeployError) {
        let parts = etags.enumerated().map { Completion.Part(partNumber: $0 + 1, etag: $1) }
        let response = try await server.send(
            Completion(oid: pointer.oid, parts: parts), to: try server.address(link.action.href),
            authorization: nil)
        try examine(response)
    }
}

/// Extracts the messages from an object storage's error response: S3's XML or plain text. Messages
/// with a URL, which may be presigned, are left out.
enum StorageErrorParser {
    static func messages(_ response: HTTPClientResponse) -> [String] {
        let text = response.text
        let fields = ["Code", "Message"].compactMap { element($0, in: text) }
        if !fields.isEmpty { return [fields.joined(separator: ": ")] }
        guard !response.isWebPage, !text.contains("://") else { return [] }
        return text.split(whereSeparator: \.isNewline).prefix(3).map { String($0.prefix(300)) }
    }

    private static func element(_ name: String, in text: String) -> String? {
        guard let start = text.firstRange(of: "<\(name)>"), let end = text.firstRange(of: "</\(name)>"),
            start.upperBound <= end.lowerBound
        else { return nil }
        let content = text[start.upperBound..<end.lowerBound]
        return content.contains("://") ? nil : String(content.prefix(300))
    }
}

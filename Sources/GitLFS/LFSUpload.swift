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
            .refused, "\(server.party.host) does not confirm it (HTTP status \(response.status))",
            details: server.party.messages(of: response))
    }

    /// - Throws: the storage's error unless the response is a success.
    func examine(_ response: HTTPClientResponse) throws(DeployError) {
        guard !response.isSuccess else { return }
        let host = Origin(response.url)?.hostAndPort ?? server.party.host
        var failure = DeployError(
            LFSClient.isTemporary(response.status) && response.status != 501 ? .tryLater : .refused,
            "\(host) refused it (HTTP status \(response.status))",
            details: StorageErrorParser.messages(response))
        if [400, 401, 403, 404, 410].contains(response.status) { failure.cause = .linkExpired }
        throw failure
    }

    func failure(_ failure: ContentVerifier.VerificationError) -> DeployError {
        switch failure {
        case .damaged(let actual):
            DeployError(
                .source,
                "its content is damaged: the SHA-256 is \(actual.prefix(12))…, the pointer says \(pointer.oid.prefix(12))…",
                hint: "find and mend it: git lfs fsck")
        case .unreadable:
            DeployError(.source, "it cannot be read to its end: \(pointer.size) bytes were expected")
        }
    }

    private func storageFailure(_ error: HTTPError) -> DeployError {
        var failure = server.party.failure(error)
        if failure.kind == .tryLater { failure.hint = "push again: what arrived is not sent twice" }
        return failure
    }
}

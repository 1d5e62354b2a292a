import Essentials
import Git
import HTTP
import SpacesModel

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
                "\(server.party.host) gave \(link.parts.count) addresses for \(count) parts of \(size) bytes")
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

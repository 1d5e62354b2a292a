import Essentials
import Git
import HTTP
import SpacesModel

extension LFSUpload {
    /// Parts go side by side. They count only together, so that the whole can be hashed before it does.
    func uploadMultipart(_ link: LFSAction) async throws(DeployError) {
        let (ranges, addresses) = (try parts(of: link), link.parts)
        async let isRight = isContentValid()
        let etags = try await uploadParts(ranges, addresses)
        // Before parts are put together: what is damaged never becomes an object.
        if await !isRight, let fault = verifier?.error { throw self.failure(fault) }
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
                if index >= maxConcurrentParts, let done = await group.next(), let failure = take(done) {
                    group.cancelAll()
                    return failure
                }
                group.addTask { (index, await uploadPart(ranges[index], addresses[index])) }
            }
            for await done in group {
                guard let failure = take(done) else { continue }
                group.cancelAll()
                return failure
            }
            return nil
        }
        func take(_ done: (index: Int, etag: Result<String, DeployError>)) -> DeployError? {
            switch done.etag {
            case .success(let etag): etags[done.index] = etag
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

    /// The address is signed, too: no token.
    private func complete(_ link: LFSAction, _ etags: [String]) async throws(DeployError) {
        let parts = etags.enumerated().map { Completion.Part(partNumber: $0 + 1, etag: $1) }
        let response = try await server.send(
            Completion(oid: pointer.oid, parts: parts), to: try server.address(link.action.href),
            authorization: nil)
        try examine(response)
    }
}

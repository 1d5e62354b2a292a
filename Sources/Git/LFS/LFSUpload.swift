import Deploy
import Foundation
import HTTP

/// One object on its way to the Hub's storage: in one piece or in parts, then confirmed.
struct LFSUpload: Sendable {
    let server: LFSServer
    let pointer: LFSPointer
    let content: ObjectContent
    /// Watches content whose hash nobody has checked yet; nil for what is known to be right.
    let sentinel: Sentinel?
    let share: TransferShare
    /// Parts at a time.
    let lanes: Int

    /// - Throws: cause `linkExpired` where another link may help.
    func run(_ link: LFSLink) async throws(Failure) {
        if link.partSize == nil { try await putWhole(link) } else { try await putParts(link) }
        try await verify(link)
    }

    /// Presigned: no token of ours goes there.
    private func putWhole(_ link: LFSLink) async throws(Failure) {
        _ = try await put(
            0..<pointer.size, to: link.action.href, server.headers(of: link.action), sentinel)
    }

    private func put(
        _ range: Range<Int>, to href: String, _ headers: Headers, _ sentinel: Sentinel?
    ) async throws(Failure) -> Response {
        let (content, share, address) = (content, share, try server.address(href))
        var headers = headers
        if headers["Content-Type"] == nil { headers["Content-Type"] = "application/octet-stream" }
        let body = Request.Body.stream(length: Int64(range.count)) {
            share.restart(range.lowerBound)
            return ContentStream(content, range, sentinel: sentinel) { share.add($0, at: range.lowerBound) }
        }
        var request = Request(
            "PUT", address, headers: headers, body: body, isRepeatable: true, responseLimit: 1 << 20)
        request.idleLimit = .seconds(120)
        request.isFutile = { sentinel?.fault != nil }
        let response: Response
        do throws(HTTPFailure) { response = try await server.client.send(request, meter: server.meter) } catch
        {
            if let fault = sentinel?.fault { throw self.fault(fault) }
            throw storageFailure(error)
        }
        try examine(response)
        return response
    }

    /// Parts go side by side. They count only together, so that the whole can be hashed before it does.
    private func putParts(_ link: LFSLink) async throws(Failure) {
        let (ranges, addresses) = (try parts(of: link), link.parts)
        var etags = [String](repeating: "", count: ranges.count)
        let failure: Failure? = await withTaskGroup(of: (Int, Result<String, Failure>).self) { group in
            for index in ranges.indices {
                if index >= lanes, let done = await group.next(), let failure = take(done) {
                    group.cancelAll()
                    return failure
                }
                group.addTask { (index, await putPart(ranges[index], addresses[index])) }
            }
            for await done in group {
                guard let failure = take(done) else { continue }
                group.cancelAll()
                return failure
            }
            return nil
        }
        func take(_ done: (index: Int, etag: Result<String, Failure>)) -> Failure? {
            switch done.etag {
            case .success(let etag): etags[done.index] = etag
            case .failure(let failure): return failure
            }
            return nil
        }
        if let failure { throw failure }
        try await checkWhole()
        try await complete(link, etags)
    }

    private func putPart(_ range: Range<Int>, _ href: String) async -> Result<String, Failure> {
        do throws(Failure) {
            let response = try await put(range, to: href, [:], nil)
            guard let etag = response.headers["ETag"], !etag.isEmpty else {
                throw Failure(
                    .tryLater, "the storage of \(server.party.host) did not confirm a part (no ETag)")
            }
            return .success(etag)
        } catch { return .failure(error) }
    }

    private func parts(of link: LFSLink) throws(Failure) -> [Range<Int>] {
        guard let size = link.partSize, pointer.size > 0 else { return [] }
        let count = pointer.size / size + (pointer.size % size > 0 ? 1 : 0)
        guard count == link.parts.count else {
            throw Failure(
                .tryLater,
                "\(server.party.host) gave \(link.parts.count) addresses for \(count) parts of \(size) bytes")
        }
        let starts = stride(from: 0, to: pointer.size, by: size)
        return starts.map { $0..<($0 + min(size, pointer.size - $0)) }
    }

    /// Before parts are put together: what is damaged never becomes an object.
    private func checkWhole() async throws(Failure) {
        guard let sentinel else { return }
        let isRight = await ContentCheck.run(content, sentinel)
        if !isRight, let fault = sentinel.fault { throw self.fault(fault) }
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
    private func complete(_ link: LFSLink, _ etags: [String]) async throws(Failure) {
        let parts = etags.enumerated().map { Completion.Part(partNumber: $0 + 1, etag: $1) }
        let response = try await server.send(
            Completion(oid: pointer.oid, parts: parts), to: try server.address(link.action.href),
            authorization: nil)
        try examine(response)
    }

    /// The Hub counts an object only when it was asked to look.
    private func verify(_ link: LFSLink) async throws(Failure) {
        guard let verify = link.verify else { return }
        let address = try server.address(verify.href), headers = server.headers(of: verify)
        let response = try await server.send(
            LFSBatch.Named(oid: pointer.oid, size: pointer.size), to: address,
            authorization: server.authorization(for: address, headers, isAuthenticated: false),
            headers: headers)
        guard response.isSuccess else {
            throw Failure(
                response.status >= 500 || response.status == 429 ? .tryLater : .refused,
                "\(server.party.host) does not confirm it (HTTP status \(response.status))",
                details: server.party.words(of: response))
        }
    }

    /// - Throws: what the storage says, when it is no success.
    private func examine(_ response: Response) throws(Failure) {
        guard !response.isSuccess else { return }
        let host = Origin(response.url)?.shown ?? server.party.host
        var failure = Failure(
            [408, 429, 500, 502, 503, 504].contains(response.status) ? .tryLater : .refused,
            "\(host) refused it (HTTP status \(response.status))", details: StorageWords.of(response))
        if [400, 401, 403, 404, 410].contains(response.status) { failure.cause = .linkExpired }
        throw failure
    }

    private func fault(_ fault: Sentinel.Fault) -> Failure {
        switch fault {
        case .damaged(let found):
            Failure(
                .source,
                "its content is damaged: the SHA-256 is \(found.prefix(12))…, the pointer says \(pointer.oid.prefix(12))…",
                hint: "find and mend it: git lfs fsck")
        case .unreadable:
            Failure(.source, "it cannot be read to its end: \(pointer.size) bytes were expected")
        }
    }

    private func storageFailure(_ error: HTTPFailure) -> Failure {
        var failure = server.party.failure(error)
        if failure.kind == .tryLater { failure.hint = "push again: what arrived is not sent twice" }
        return failure
    }
}

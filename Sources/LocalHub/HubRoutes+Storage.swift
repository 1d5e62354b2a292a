import Essentials
import HTTPServer

/// Storage behind signed links, as S3 answers for the Hub: a length said beforehand, and no token.
extension HubRoutes {
    func upload(_ request: Request) async throws -> Response {
        try await storage(request) { store in
            try Self.check(request.body, isOf: request.amount("size"))
            try await store.save(request.body, as: request["oid"])
            return Response(200, fields: ["ETag": "\"\(request["oid"])\""])
        }
    }

    func uploadPart(_ request: Request) async throws -> Response {
        try await storage(request) { store in
            let upload = Self.multipart(request, store), number = Int(request["part"]) ?? 0
            guard let size = upload.size(of: number) else { throw S3Error.noKey }
            try Self.check(request.body, isOf: size)
            let etag = try await upload.save(request.body, as: number)
            return Response(200, fields: ["ETag": "\"\(etag)\""])
        }
    }

    func download(_ request: Request) async throws -> Response {
        try await storage(request) { store in
            guard store.size(of: request["oid"]) != nil else { throw S3Error.noKey }
            return try Response.file(store.object(request["oid"]), range: request.fields["Range"])
        }
    }

    /// The Hub's own again, and in its words: `{"oid", "parts": [{"partNumber", "etag"}]}`. The link is enough.
    func completeUpload(_ request: Request) async throws -> Response {
        do {
            let store = try await linkedStore(request), body = try await request.json()
            guard body["oid"].string == request["oid"] else {
                throw HubHTTPError.badRequest("\"oid\" is not that of the upload")
            }
            let parts = (body["parts"].array ?? []).map { part in
                MultipartUpload.Part(
                    number: part["partNumber"].int ?? 0, etag: part["etag"].string ?? "")
            }
            try await Self.multipart(request, store).complete(parts)
            return .json(["success": true])
        } catch let refusal as S3Error {
            throw HubHTTPError(
                refusal.status, refusal.message, details: ["message": .string(refusal.message)])
        } catch let refusal as HubHTTPError {
            throw HubHTTPError(
                refusal.status, refusal.message, details: ["message": .string(refusal.message)])
        }
    }

    /// Refusals are told in the words of storage.
    private func storage(
        _ request: Request, _ work: (LFSStore) async throws -> Response
    ) async throws -> Response {
        do {
            guard request.fields["Authorization"] == nil else { throw S3Error.twoMechanisms }
            return try await work(try await linkedStore(request))
        } catch let refusal as S3Error {
            return refusal.response
        }
    }

    /// The store that a link is for, when it is good.
    private func linkedStore(_ request: Request) async throws -> LFSStore {
        try links.check(request)
        guard let space = await registry.space("\(request["owner"])/\(request["name"])") else {
            throw S3Error.noBucket
        }
        return registry.store(space.id)
    }

    private static func multipart(_ request: Request, _ store: LFSStore) -> MultipartUpload {
        MultipartUpload(
            store: store, oid: request["oid"], key: request.target.value("upload") ?? "",
            size: request.amount("size"), partSize: max(request.amount("part_size"), 1))
    }

    private static func check(_ body: RequestBody, isOf size: Int) throws(S3Error) {
        guard let length = body.length else { throw .chunked }
        guard length == size else { throw .otherLength(length, size) }
    }
}

extension Request {
    /// A number of a signed query.
    fileprivate func amount(_ name: String) -> Int { target.value(name).flatMap { Int($0) } ?? 0 }
}

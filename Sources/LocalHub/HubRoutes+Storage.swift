import Essentials
import HTTPServer

/// Routes for LFS object storage with presigned URLs, as S3 behind the real Hub: a `Content-Length`
/// is required, and no token is accepted.
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

    /// Completes a multipart upload: `{"oid", "parts": [{"partNumber", "etag"}]}`. On the real Hub,
    /// the Hub handles this request and not S3, so that errors have the Hub's format. The signed
    /// URL authorizes the request.
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
        } catch let error as S3Error {
            throw HubHTTPError(
                error.status, error.message, details: ["message": .string(error.message)])
        } catch let error as HubHTTPError {
            throw HubHTTPError(
                error.status, error.message, details: ["message": .string(error.message)])
        }
    }

    /// Runs a handler with the store of a presigned URL, and returns errors in S3's format.
    private func storage(
        _ request: Request, _ work: (LFSStore) async throws -> Response
    ) async throws -> Response {
        do {
            guard request.fields["Authorization"] == nil else { throw S3Error.twoMechanisms }
            return try await work(try await linkedStore(request))
        } catch let error as S3Error {
            return error.response
        }
    }

    /// Returns the store of a presigned URL. Throws `S3Error` if the URL is invalid or expired.
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

    /// Throws if the body has no `Content-Length`, or one that differs from the size in bytes.
    private static func check(_ body: RequestBody, isOf size: Int) throws(S3Error) {
        guard let length = body.length else { throw .chunked }
        guard length == size else { throw .otherLength(length, size) }
    }
}

extension Request {
    /// Returns a number from the signed query; 0 if it is missing.
    fileprivate func amount(_ name: String) -> Int { target.value(name).flatMap { Int($0) } ?? 0 }
}

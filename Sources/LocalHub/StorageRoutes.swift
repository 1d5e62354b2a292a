import Digest
import Essentials
import HTTPServer
import TextTools

/// Routes for LFS object storage with presigned URLs, as S3 behind the real Hub: a `Content-Length`
/// is required, and no token is accepted.
struct StorageRoutes: Sendable {
    let hub: HubContext

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
                throw HubHTTPError.badRequest("\"oid\" does not match the upload")
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
        try hub.links.check(request)
        guard let space = await hub.registry.space("\(request["owner"])/\(request["name"])") else {
            throw S3Error.noBucket
        }
        return hub.registry.store(space.id)
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

/// An error response of the object storage, in S3's format and wording
/// (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html).
struct S3Error: Error, Hashable, Sendable {
    var status: Int
    var code: String
    var message: String

    init(_ status: Int, _ code: String, _ message: String) {
        (self.status, self.code, self.message) = (status, code, message)
    }

    static let twoMechanisms = S3Error(
        400, "InvalidArgument",
        "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter "
            + "or the Authorization header should be specified")
    static let otherSignature = S3Error(
        403, "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. Check your key and signing "
            + "method.")
    static let expired = S3Error(403, "AccessDenied", "Request has expired")
    static let chunked = S3Error(
        501, "NotImplemented",
        "A header you provided implies functionality that is not implemented: Transfer-Encoding")
    static let noBucket = S3Error(404, "NoSuchBucket", "The specified bucket does not exist")
    static let noKey = S3Error(404, "NoSuchKey", "The specified key does not exist.")
    static let otherDigest = S3Error(
        400, "BadDigest", "The SHA-256 of what was sent is not the one that was announced.")
    static func otherLength(_ length: Int, _ expected: Int) -> S3Error {
        S3Error(400, "IncompleteBody", "\(length) bytes were sent, \(expected) were announced.")
    }

    /// The XML response. It never repeats data from the request.
    var response: Response {
        let text = "<Error><Code>\(code)</Code><Message>\(message)</Message></Error>\n"
        return .text(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + text, status: status, type: "application/xml")
    }
}

/// Presigned storage URLs, which need no token: method, path and query, including the expiry time,
/// determine what a URL allows, and are signed.
struct PresignedURLs: Sendable {
    /// The lifetime of a URL in seconds.
    private let lifetime: Double
    private let secret: [UInt8]

    init(lifetime: Duration) {
        let (seconds, attoseconds) = lifetime.components
        // At most ten years, so that the expiry time cannot overflow an integer.
        self.lifetime = min(Double(seconds) + Double(attoseconds) / 1e18, 315_360_000)
        var random = SystemRandomNumberGenerator()
        secret = (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    /// Returns an action of the LFS Batch API with a presigned URL.
    /// - Parameter url: the URL up to `/_lfs`.
    func action(
        _ method: String, _ url: String, _ path: String, _ query: KeyValuePairs<String, String> = [:],
        header: JSON = [:]
    ) -> JSON {
        let end = Date(timeIntervalSinceNow: lifetime)
        return [
            "href": .string(link(method, url, path, query, until: end)), "header": header,
            // git-lfs interprets 0 as "never".
            "expires_in": .int(max(1, Int(lifetime))), "expires_at": .string(end.hubText),
        ]
    }

    /// Returns a presigned URL, valid until `end`, by default for the configured lifetime.
    func link(
        _ method: String, _ url: String, _ path: String, _ query: KeyValuePairs<String, String> = [:],
        until end: Date? = nil
    ) -> String {
        let end = end ?? Date(timeIntervalSinceNow: lifetime)
        let items = query.map { "\($0)=\($1)&" }.joined()
        let query = "\(items)expires=\(Int(end.timeIntervalSince1970 * 1000))"
        return "\(url)\(path)?\(query)&signature=\(signature(method, path, query))"
    }

    /// Throws if the request's URL has no valid signature or has expired.
    func check(_ request: Request) throws(S3Error) {
        let query = request.target.rawQuery.components(separatedBy: "&signature=")
        guard query.count == 2, query[1] == signature(request.method, request.target.rawPath, query[0]) else {
            throw .otherSignature
        }
        guard let end = request.target.value("expires").flatMap({ Double($0) }),
            Date().timeIntervalSince1970 * 1000 < end
        else { throw .expired }
    }

    /// Returns the first 16 bytes of the SHA-256 of secret and parts, in hexadecimal.
    func signature(_ parts: String...) -> String {
        SHA256.hash(of: secret + Array(parts.joined(separator: "\n").utf8)).prefix(16).hex
    }
}

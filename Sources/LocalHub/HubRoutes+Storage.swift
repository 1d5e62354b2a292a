import Essentials
import HTTPServer
import TextTools

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

/// Routes for logs, stages and metrics as event streams (hub-api.md 4.7 and 4.8).
extension HubRoutes {
    func logs(_ request: Request) async throws -> Response {
        _ = try user(request)
        let space = try await readableSpace(request), isBuild = request["kind"] == "build"
        guard isBuild || request["kind"] == "run" else { throw HubHTTPError.noRoute }
        let tail = request.number("tail", 0...1_000_000, default: 1_000_000)
        let closes = isBuild && options.closesBuildLogs
        return stream(of: space) { writer, wakeups in
            var sent = 0, build: Int?
            for await _ in wakeups {
                guard let space = await registry.space(space.id) else { return }
                let entries = isBuild ? space.buildLog : space.runLog
                // A newer build has its own log, for which the client connects again.
                if build != nil, build != space.builds, sent > 0 { return }
                if build == nil { sent = max(0, entries.count - tail) }
                build = space.builds
                let fresh = entries.dropFirst(sent)
                sent = max(sent, entries.count)
                let text = fresh.map { "data: \($0.json.text)\n\n" }.joined()
                try await writer.write(text.isEmpty ? ": keep-alive\n\n" : text)
                let isWaiting = await registry.space(space.id)?.awaitsBuild == true
                if closes, !isWaiting, !space.stage.hasSuffix("BUILDING") { return }
            }
        }
    }

    func events(_ request: Request) async throws -> Response {
        _ = try user(request)
        return stream(of: try await readableSpace(request)) {
            [id = try await readableSpace(request).id] writer, wakeups in
            var lastStage = ""
            for await _ in wakeups {
                guard let space = await registry.space(id) else { return }
                try await writer.write(
                    space.stage == lastStage ? ": keep-alive\n\n" : "event: stage\ndata: \(space.stage)\n\n")
                lastStage = space.stage
            }
        }
    }

    func metrics(_ request: Request) async throws -> Response {
        _ = try user(request)
        let space = try await readableSpace(request)
        if space.isStatic { throw HubHTTPError(406, "Space is stale") }
        let script = await registry.visit(space.id, path: "\u{0}")?.1 ?? HubScenario(nil)
        let scriptedMetrics = script.metrics
        return Response(
            fields: Self.streamFields,
            body: .stream { writer in
                var index = 0
                while !Task.isCancelled {
                    let metric =
                        scriptedMetrics.isEmpty
                        ? Self.metric(index, space) : scriptedMetrics[min(index, scriptedMetrics.count - 1)]
                    try await writer.write("event: metric\ndata: \(metric.text)\n\n")
                    index += 1
                    try await Task.sleep(for: .seconds(1))
                }
            })
    }

    private static func metric(_ tick: Int, _ space: Space) -> JSON {
        [
            "cpu_usage_pct": .number(Double(tick % 5) + 0.5), "cpu_millicores": 2000,
            "memory_used_bytes": .int(200_000_000 + tick * 4096), "memory_total_bytes": .int(17_179_869_184),
            "rx_bps": .int(tick % 3 * 100), "tx_bps": .int(tick % 3 * 200), "gpus": [:],
            "replica": .string(String(space.key.prefix(5))),
        ]
    }

    private static let streamFields: HTTPFields = [
        "Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-cache",
    ]

    private func stream(
        of space: Space,
        _ write: @escaping @Sendable (ResponseBodyWriter, AsyncStream<Void>) async throws -> Void
    ) -> Response {
        let beat = options.keepAliveInterval
        return Response(
            fields: Self.streamFields,
            body: .stream { [registry] writer in
                try await write(writer, await registry.changes(of: space.id, beat: beat))
            })
    }
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

import Digest
import Foundation
import Wire

/// Git LFS: batch, basic transfer, verify (section 2.6 of the facts; git-lfs `docs/api/batch.md`).
extension Desk {
    func batch(_ request: Incoming) async throws -> Answer {
        try await lfs {
            let body = try await request.json(), isUpload = body["operation"].string == "upload"
            let space = isUpload ? try await writable(request) : try await readable(request)
            if let ways = body["transfers"].array, !ways.contains("basic") {
                throw Refusal(422, "The local Hub knows the transfer \"basic\" alone.")
            }
            let objects = (body["objects"].array ?? []).map { object in
                self.object(object, isUpload, space, request)
            }
            return .lfs(["transfer": "basic", "hash_algo": "sha256", "objects": .array(objects)])
        }
    }

    private func object(_ json: JSON, _ isUpload: Bool, _ space: Space, _ request: Incoming) -> JSON {
        guard let oid = json["oid"].string, LFSPointer.isOID(oid), let size = json["size"].int, size >= 0
        else {
            return [
                "oid": json["oid"], "size": json["size"],
                "error": ["code": 422, "message": "Invalid object"],
            ]
        }
        var answer: JSON = ["oid": .string(oid), "size": .int(size), "authenticated": true]
        let isHere = FileManager.default.fileExists(atPath: registry.object(oid, of: space.id).path)
        let place = "\(base(request))/_lfs/\(space.id)/\(oid)"
        if isUpload, !isHere {
            let signature = uploads.signature("put", space.id, oid, String(size))
            answer["actions"] = [
                "upload": ["href": .string("\(place)?size=\(size)&signature=\(signature)"), "header": [:]],
                "verify": [
                    "href": .string("\(url(of: space.id, request)).git/info/lfs/verify"),
                    // git-lfs sends no credentials of its own to an address that came "authenticated".
                    "header": [Self.verifyField: .string(uploads.signature("verify", space.id, oid))],
                ],
            ]
        } else if !isUpload, isHere {
            let signature = uploads.signature("get", space.id, oid)
            answer["actions"] = [
                "download": ["href": .string("\(place)?signature=\(signature)"), "header": [:]]
            ]
        } else if !isUpload {
            answer["error"] = ["code": 404, "message": "Object does not exist on the server"]
        }
        return answer
    }

    /// Presigned storage: no token, but a length said beforehand.
    func upload(_ request: Incoming) async throws -> Answer {
        let id = "\(request["owner"])/\(request["name"])", oid = request["oid"]
        let size = request.target.value("size") ?? ""
        guard request.target.value("signature") == uploads.signature("put", id, oid, size) else {
            return .text("SignatureDoesNotMatch\n", status: 403)
        }
        guard let length = request.body.length else { return .text("NotImplemented: chunked\n", status: 501) }
        guard String(length) == size else {
            return .text("The size is not the announced one.\n", status: 400)
        }
        guard await registry.space(id) != nil else { return .text("NoSuchBucket\n", status: 404) }
        return try await store(request.body, as: oid, at: registry.object(oid, of: id))
    }

    private func store(_ body: IncomingBody, as oid: String, at place: URL) async throws -> Answer {
        try FileManager.default.createDirectory(
            at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
        let draft = place.appendingPathExtension(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: draft) }
        let hash = SHA256()
        _ = try await body.save(to: draft) { hash.update($0) }
        guard Self.hex(hash.finalize()) == oid else { return .text("BadDigest\n", status: 400) }
        _ = try? FileManager.default.removeItem(at: place)
        try FileManager.default.moveItem(at: draft, to: place)
        return Answer(200, fields: ["ETag": "\"\(oid)\""])
    }

    func download(_ request: Incoming) async throws -> Answer {
        let id = "\(request["owner"])/\(request["name"])", oid = request["oid"]
        guard request.target.value("signature") == uploads.signature("get", id, oid) else {
            return .text("SignatureDoesNotMatch\n", status: 403)
        }
        return try Answer.file(registry.object(oid, of: id), range: request.fields["Range"])
    }

    func verify(_ request: Incoming) async throws -> Answer {
        try await lfs {
            let body = try await request.json()
            guard let oid = body["oid"].string, LFSPointer.isOID(oid) else {
                throw Refusal(422, "Invalid object")
            }
            let space = try await verifiable(oid, request)
            let path = registry.object(oid, of: space.id).path
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            guard let size = attributes?[.size] as? Int else { throw Refusal(404, "Object does not exist") }
            guard size == body["size"].int else { throw Refusal(422, "The object's size is \(size)") }
            return .lfs([:])
        }
    }

    private static let verifyField = "X-Verify-Signature"

    /// The Space whose object is verified: by the signature that the batch gave, or by a token that may write.
    private func verifiable(_ oid: String, _ request: Incoming) async throws -> Space {
        let id = "\(request["owner"])/\(request["name"])", given = request.fields[Self.verifyField]
        if given == uploads.signature("verify", id, oid), let space = await registry.space(id) {
            return space
        }
        return try await writable(request)
    }

    /// Errors in LFS's own shape.
    private func lfs(_ work: () async throws -> Answer) async throws -> Answer {
        do {
            return try await work()
        } catch let refusal as Refusal {
            let text = refusal.status == 403 ? "Authorization error." : refusal.message
            var answer = Answer.lfs(["message": .string(text)], status: refusal.status)
            if refusal.status == 401 { answer.fields["LFS-Authenticate"] = "Basic realm=\"Git LFS\"" }
            return answer
        }
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { String(UInt16($0) + 256, radix: 16).suffix(2) }.joined()
    }
}

extension Answer {
    fileprivate static func lfs(_ json: JSON, status: Int = 200) -> Answer {
        .text(json.text, status: status, type: "application/vnd.git-lfs+json")
    }

    /// A file, or the one range of it that was asked for (RFC 9110, 14.2).
    static func file(_ file: URL, range: String?) throws -> Answer {
        let attributes = try? FileManager.default.attributesOfItem(atPath: file.path)
        guard let size = attributes?[.size] as? Int else { throw Refusal.noEntry }
        var answer = Answer(fields: ["Content-Type": "application/octet-stream", "Accept-Ranges": "bytes"])
        answer.body = .file(path: file.path, length: size)
        guard let range, let (first, last) = span(range, of: size) else { return answer }
        guard first <= last, first < size else {
            return Answer(416, fields: ["Content-Range": "bytes */\(size)"])
        }
        answer.status = 206
        answer.fields["Content-Range"] = "bytes \(first)-\(last)/\(size)"
        answer.body = .file(path: file.path, offset: first, length: last - first + 1)
        return answer
    }

    private static func span(_ range: String, of size: Int) -> (Int, Int)? {
        guard range.hasPrefix("bytes=") else { return nil }
        let ends = range.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2 else { return nil }
        if ends[0].isEmpty { return Int(ends[1]).map { (max(size - $0, 0), size - 1) } }
        guard let first = Int(ends[0]) else { return nil }
        return (first, min(Int(ends[1]) ?? size - 1, size - 1))
    }
}

import Essentials
import HTTPServer
import TextTools

/// Routes of the LFS Batch API: batch and verify (hub-api.md 2.6; git-lfs `docs/api/batch.md`).
extension HubRoutes {
    func batch(_ request: Request) async throws -> Response {
        try await lfs {
            let body = try await request.json(), isUpload = body["operation"].string == "upload"
            let space = isUpload ? try await writableSpace(request) : try await readableSpace(request)
            let objects = try Self.objects(of: body)
            var batch = LFSBatchAPI(
                store: registry.store(space.id), links: links, space: space.id, base: base(request),
                isUpload: isUpload)
            if try usesMultipart(objects, batch, body["transfers"]) { batch.partSize = options.partSize }
            return .lfs([
                "transfer": batch.partSize == nil ? "basic" : "multipart", "hash_algo": "sha256",
                "objects": .array(objects.map { batch.response(to: $0) }),
            ])
        }
    }

    private static func objects(of body: JSON) throws(HubHTTPError) -> [JSON] {
        guard ["upload", "download"].contains(body["operation"].string) else {
            throw HubHTTPError(422, "\"operation\" is upload or download")
        }
        if let algorithm = body["hash_algo"].string, algorithm != "sha256" {
            throw HubHTTPError(
                409, "The hash algorithm \"\(algorithm.prefix(40))\" is not used here: it is sha256")
        }
        guard let objects = body["objects"].array else { throw HubHTTPError(422, "\"objects\" is required") }
        guard objects.count <= 1000 else { throw HubHTTPError(413, "A batch has 1000 objects at most") }
        return objects
    }

    /// Returns whether the batch uses the multipart transfer. A batch has one transfer for all
    /// objects: if one object needs several parts, a small object has a single part.
    private func usesMultipart(
        _ objects: [JSON], _ batch: LFSBatchAPI, _ transfers: JSON
    ) throws(HubHTTPError) -> Bool {
        let transferNames = transfers.array?.compactMap(\.string) ?? ["basic"]
        let hasParts = batch.isUpload && transferNames.contains("multipart")
        guard hasParts || transferNames.contains("basic") || transferNames.isEmpty else {
            throw HubHTTPError(422, "The transfers here are \"basic\" and, for uploads, \"multipart\"")
        }
        guard hasParts, transferNames.contains("basic") else { return hasParts }
        return objects.contains { object in
            guard let pointer = try? LFSBatchAPI.pointer(object) else { return false }
            return pointer.size > options.partSize && !batch.store.contains(pointer)
        }
    }

    func verify(_ request: Request) async throws -> Response {
        try await lfs {
            let pointer = try LFSBatchAPI.pointer(try await request.json())
            let space = try await verifiableSpace(pointer.oid, request)
            guard let size = registry.store(space.id).size(of: pointer.oid) else {
                throw HubHTTPError(404, "Object does not exist")
            }
            guard size == pointer.size else { throw HubHTTPError(422, "The object's size is \(size)") }
            return .lfs([:])
        }
    }

    /// Returns the Space whose object is verified. The request is authorized by the signature from
    /// the batch response or by a token with write access.
    private func verifiableSpace(_ oid: String, _ request: Request) async throws -> Space {
        let id = "\(request["owner"])/\(request["name"])", signature = request.fields[LFSBatchAPI.verifyField]
        if signature == links.signature("verify", id, oid), let space = await registry.space(id) {
            return space
        }
        return try await writableSpace(request)
    }

    /// Runs a handler and converts its errors to the format of the LFS API.
    private func lfs(_ work: () async throws -> Response) async throws -> Response {
        do {
            return try await work()
        } catch let error as HubHTTPError {
            let text = error.status == 403 ? "Authorization error." : error.message
            var response = Response.lfs(["message": .string(text)], status: error.status)
            if error.status == 401 { response.fields["LFS-Authenticate"] = "Basic realm=\"Git LFS\"" }
            return response
        }
    }
}

extension Response {
    fileprivate static func lfs(_ json: JSON, status: Int = 200) -> Response {
        .text(json.text, status: status, type: "application/vnd.git-lfs+json")
    }
}

import Essentials
import HTTPServer
import TextTools

/// Routes of the LFS Batch API: batch and verify (hub-api.md 2.6; git-lfs `docs/api/batch.md`).
struct LFSRoutes: Sendable {
    let hub: HubContext

    func batch(_ request: Request) async throws -> Response {
        try await lfs {
            let body = try await request.json(), isUpload = body["operation"].string == "upload"
            let space = isUpload ? try await hub.writableSpace(request) : try await hub.readableSpace(request)
            let objects = try Self.objects(of: body)
            var batch = LFSBatchAPI(
                store: hub.registry.store(space.id), links: hub.links, space: space.id,
                base: hub.base(request),
                isUpload: isUpload)
            if try usesMultipart(objects, batch, body["transfers"]) { batch.partSize = hub.options.partSize }
            return .lfs([
                "transfer": batch.partSize == nil ? "basic" : "multipart", "hash_algo": "sha256",
                "objects": .array(objects.map { batch.response(to: $0) }),
            ])
        }
    }

    private static func objects(of body: JSON) throws(HubHTTPError) -> [JSON] {
        guard ["upload", "download"].contains(body["operation"].string) else {
            throw HubHTTPError(422, "\"operation\" must be upload or download")
        }
        if let algorithm = body["hash_algo"].string, algorithm != "sha256" {
            throw HubHTTPError(
                409, "The hash algorithm \"\(algorithm.prefix(40))\" is not supported: use sha256")
        }
        guard let objects = body["objects"].array else { throw HubHTTPError(422, "\"objects\" is required") }
        guard objects.count <= 1000 else { throw HubHTTPError(413, "A batch has at most 1000 objects") }
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
            throw HubHTTPError(422, "The supported transfers are \"basic\" and, for uploads, \"multipart\"")
        }
        guard hasParts, transferNames.contains("basic") else { return hasParts }
        return objects.contains { object in
            guard let pointer = try? LFSBatchAPI.pointer(object) else { return false }
            return pointer.size > hub.options.partSize && !batch.store.contains(pointer)
        }
    }

    func verify(_ request: Request) async throws -> Response {
        try await lfs {
            let pointer = try LFSBatchAPI.pointer(try await request.json())
            let space = try await verifiableSpace(pointer.oid, request)
            guard let size = hub.registry.store(space.id).size(of: pointer.oid) else {
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
        if signature == hub.links.signature("verify", id, oid), let space = await hub.registry.space(id) {
            return space
        }
        return try await hub.writableSpace(request)
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

/// The responses of the LFS Batch API for the objects of one batch.
struct LFSBatchAPI: Sendable {
    let store: LFSStore
    let links: PresignedURLs
    let space: String
    /// The base URL of this Hub as the client addressed it.
    let base: String
    let isUpload: Bool
    /// The part size in bytes; `nil` if the batch does not use the multipart transfer.
    var partSize: Int?

    /// Returns the response for one object of the request: its actions, or an error.
    func response(to object: JSON) -> JSON {
        var response: JSON = ["oid": object["oid"], "size": object["size"]]
        do {
            let pointer = try Self.pointer(object)
            response["authenticated"] = true
            if let actions = try actions(for: pointer) { response["actions"] = actions }
        } catch {
            response["error"] = ["code": .int(error.status), "message": .string(error.message)]
        }
        return response
    }

    /// Returns oid and size of an object in the request. Throws a 422 error if they are invalid.
    static func pointer(_ object: JSON) throws(HubHTTPError) -> HubLFSPointer {
        guard let oid = object["oid"].string, HubLFSPointer.isOID(oid), let size = object["size"].int,
            size >= 0
        else { throw HubHTTPError(422, "Invalid object") }
        return HubLFSPointer(oid: oid, size: size)
    }

    /// Returns the actions for an object; `nil` if the object to upload exists already. Throws if
    /// the object to download does not exist, or if the stored object has another size.
    private func actions(for pointer: HubLFSPointer) throws(HubHTTPError) -> JSON? {
        if let size = store.size(of: pointer.oid), size != pointer.size {
            throw HubHTTPError(422, "Invalid object: it has \(size) bytes, not \(pointer.size)")
        }
        switch (isUpload, store.contains(pointer)) {
        case (true, true): return nil
        case (true, false): return ["upload": try upload(pointer), "verify": verify(pointer)]
        case (false, true): return ["download": links.action("GET", base, path(pointer))]
        case (false, false): throw HubHTTPError(404, "Object does not exist on the server")
        }
    }

    private func path(_ pointer: HubLFSPointer) -> String { "/_lfs/\(space)/\(pointer.oid)" }

    private func upload(_ pointer: HubLFSPointer) throws(HubHTTPError) -> JSON {
        guard let partSize else {
            return links.action("PUT", base, path(pointer), ["size": "\(pointer.size)"])
        }
        let upload = MultipartUpload(
            store: store, oid: pointer.oid, key: HubContext.newKey(), size: pointer.size, partSize: partSize)
        guard upload.count <= MultipartUpload.maxPartCount else {
            throw HubHTTPError(
                422, "Too large: more than \(MultipartUpload.maxPartCount) parts of \(partSize) bytes")
        }
        let query: KeyValuePairs = [
            "upload": upload.key, "size": "\(upload.size)", "part_size": "\(partSize)",
        ]
        var header: JSON = ["chunk_size": "\(partSize)"]
        // Zero-padded because git-lfs passes the names to transfer agents in alphabetical order.
        for name in (0..<upload.count).map({ MultipartUpload.name(of: $0 + 1) }) {
            header[name] = .string(links.link("PUT", base, "\(path(pointer))/parts/\(name)", query))
        }
        return links.action("POST", base, path(pointer) + "/complete", query, header: header)
    }

    static let verifyField = "X-Verify-Signature"

    private func verify(_ pointer: HubLFSPointer) -> JSON {
        [
            "href": .string("\(base)/spaces/\(space).git/info/lfs/verify"),
            // git-lfs sends no credentials to the URLs of an object marked "authenticated".
            "header": [Self.verifyField: .string(links.signature("verify", space, pointer.oid))],
        ]
    }
}

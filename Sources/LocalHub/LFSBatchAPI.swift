import TextTools

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
            store: store, oid: pointer.oid, key: HubRoutes.newKey(), size: pointer.size, partSize: partSize)
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

import TextTools

/// What is answered for the objects of one batch.
struct LFSBatchAPI: Sendable {
    let store: LFSStore
    let links: PresignedURLs
    let space: String
    /// The address the client knows this Hub by.
    let base: String
    let isUpload: Bool
    /// The bytes of a part, when all of this batch goes by parts.
    var partSize: Int?

    /// What was asked for, and what is answered to it.
    func response(to object: JSON) -> JSON {
        var answer: JSON = ["oid": object["oid"], "size": object["size"]]
        do {
            let pointer = try Self.pointer(object)
            answer["authenticated"] = true
            if let actions = try actions(for: pointer) { answer["actions"] = actions }
        } catch {
            answer["error"] = ["code": .int(error.status), "message": .string(error.message)]
        }
        return answer
    }

    static func pointer(_ object: JSON) throws(HubHTTPError) -> HubLFSPointer {
        guard let oid = object["oid"].string, HubLFSPointer.isOID(oid), let size = object["size"].int,
            size >= 0
        else { throw HubHTTPError(422, "Invalid object") }
        return HubLFSPointer(oid: oid, size: size)
    }

    /// Nil when there is nothing to be done.
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
        // Padded: git-lfs hands the names on to its agents in the order of their letters.
        for name in (0..<upload.count).map({ MultipartUpload.name(of: $0 + 1) }) {
            header[name] = .string(links.link("PUT", base, "\(path(pointer))/parts/\(name)", query))
        }
        return links.action("POST", base, path(pointer) + "/complete", query, header: header)
    }

    static let verifyField = "X-Verify-Signature"

    private func verify(_ pointer: HubLFSPointer) -> JSON {
        [
            "href": .string("\(base)/spaces/\(space).git/info/lfs/verify"),
            // git-lfs sends no credentials of its own to an address that came "authenticated".
            "header": [Self.verifyField: .string(links.signature("verify", space, pointer.oid))],
        ]
    }
}

import TextTools

/// The payload of the API's commit endpoint: JSON lines, or one JSON object.
struct CommitRequest: Sendable {
    var message = ""
    /// The head that the client expects (`parentCommit`); `nil` if it did not send one.
    var parent: String?
    var changes: [Item] = []
    var pointers: [JSON] = []

    enum Item: Sendable {
        case file(JSON)
        case removal(String)
    }

    init(_ bytes: [UInt8]) throws(HubHTTPError) {
        if let payload = JSON(bytes), payload["key"].isNull {
            head(payload)
            changes = (payload["files"].array ?? []).map { .file($0) }
            changes += (payload["deletedEntries"].array ?? []).compactMap {
                $0["path"].string.map { .removal($0) }
            }
            pointers = payload["lfsFiles"].array ?? []
        } else {
            for line in bytes.split(separator: 10) { try add(Array(line)) }
        }
        if message.isEmpty { throw .badRequest("\"summary\" is required") }
    }

    /// Validates all paths in the commit, so that an invalid one is rejected before anything is
    /// written.
    func checkPaths() throws(HubHTTPError) {
        for change in changes {
            switch change {
            case .file(let file): try CommitPath.check(file["path"].string ?? "")
            case .removal(let path): try CommitPath.check(path)
            }
        }
        for pointer in pointers { try CommitPath.check(pointer["path"].string ?? "") }
    }

    private mutating func add(_ line: [UInt8]) throws(HubHTTPError) {
        guard let json = JSON(line) else {
            throw .badRequest("Invalid JSON in a line of the request's body.")
        }
        let value = json["value"]
        switch json["key"].string {
        case "header": head(value)
        case "file": changes.append(.file(value))
        case "lfsFile": pointers.append(value)
        case "deletedFile", "deletedFolder", "deletedEntry":
            let path = (value["path"].string ?? "").split(separator: "/").joined(separator: "/")
            if !path.isEmpty { changes.append(.removal(path)) }
        default: throw .badRequest("Unknown key in a line of the request's body.")
        }
    }

    private mutating func head(_ json: JSON) {
        let description = json["description"].string ?? ""
        message = (json["summary"].string ?? "") + (description.isEmpty ? "" : "\n\n" + description)
        parent = json["parentCommit"].string
    }
}

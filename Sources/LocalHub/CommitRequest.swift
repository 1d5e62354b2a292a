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

/// Validation of the paths in a commit request: relative, without segments that leave the tree or
/// that Git reserves (git's `verify_path`).
enum CommitPath {
    /// Throws a 400 error if the path is not valid.
    static func check(_ path: String) throws(HubHTTPError) {
        let segments = path.split(separator: "/", omittingEmptySubsequences: false)
        let isValid = !path.isEmpty && path.utf8.count <= 4_096 && segments.allSatisfy(isValid)
        guard isValid else { throw HubHTTPError(400, "Invalid path in the commit: \(shown(path))") }
    }

    private static func isValid(_ segment: Substring) -> Bool {
        guard !segment.isEmpty, segment != ".", segment != "..", segment.utf8.count <= 255 else {
            return false
        }
        guard segment.utf8.allSatisfy({ $0 >= 32 && $0 != 127 }) else { return false }
        // A clone on Windows reads a backslash as a separator.
        return segment.split(separator: "\\", omittingEmptySubsequences: false)
            .allSatisfy { $0 != ".." && !isGitDirectory($0) }
    }

    /// Returns whether a file system could resolve the segment to `.git`: in any letter case, with
    /// NTFS's trailing dots, spaces or stream name, as NTFS's short name, or with characters that
    /// HFS+ ignores.
    private static func isGitDirectory(_ segment: Substring) -> Bool {
        let visible = segment.unicodeScalars.filter { !isIgnoredByHFS($0.value) }
        var name = String(String.UnicodeScalarView(visible)).lowercased()[...]
        if let colon = name.firstIndex(of: ":") { name = name[..<colon] }
        while let last = name.last, last == "." || last == " " { name.removeLast() }
        return name == ".git" || name == "git~1"
    }

    /// Returns whether HFS+ ignores the character in file names (git's `utf8.c`, `next_hfs_char`).
    private static func isIgnoredByHFS(_ scalar: UInt32) -> Bool {
        (0x200C...0x200F).contains(scalar) || (0x202A...0x202E).contains(scalar)
            || (0x206A...0x206F).contains(scalar) || scalar == 0xFEFF
    }

    private static func shown(_ path: String) -> String {
        let text = path.unicodeScalars.prefix(200).map { $0.value < 32 || $0.value == 127 ? "?" : String($0) }
        return text.joined()
    }
}

import Essentials
import HTTPServer
import TextTools

/// Routes for commits over HTTP, as `hf upload` creates them (hub-api.md 3.5).
struct CommitRoutes: Sendable {
    let hub: HubContext

    func preupload(_ request: Request) async throws -> Response {
        let space = try await hub.writableSpace(request), body = try await request.json()
        guard let files = body["files"].array else { throw HubHTTPError(422, "\"files\" is required") }
        let repository = hub.registry.repository(space.id)
        let head = try await hub.commit(request["revision"], of: space)
        let attributes = try await attributes(repository, head, given: body["gitAttributes"].string)
        var known: [String: String] = [:]
        if let head { for entry in try await repository.entries(at: head) { known[entry.path] = entry.id } }
        let modes = files.map { file -> JSON in
            let path = file["path"].string ?? "", size = file["size"].int ?? 0
            let sample = Data(base64Encoded: file["sample"].string ?? "") ?? Data()
            let isLarge = size > 10 << 20 || sample.contains(0) || attributes.covers(path)
            return .members([
                "path": .string(path), "uploadMode": isLarge && size > 0 ? "lfs" : "regular",
                "shouldIgnore": false, "oid": known[path].map { .string($0) },
            ])
        }
        return .json(["files": .array(modes), "commitOid": head.map { .string($0) } ?? .null])
    }

    private func attributes(
        _ repository: HubRepository, _ head: String?, given: String?
    ) async throws -> HubLFSAttributes {
        if let given { return HubLFSAttributes(given) }
        guard let head, let bytes = try await repository.file(".gitattributes", at: head) else {
            return HubLFSAttributes("")
        }
        return HubLFSAttributes(String(decoding: bytes, as: UTF8.self))
    }

    func makeCommit(_ request: Request) async throws -> Response {
        let space = try await hub.writableSpace(request), account = try hub.user(request)
        let ref = try Self.branch(request["revision"])
        let commitRequest = try CommitRequest(await request.body.collect(upTo: 256 << 20))
        try commitRequest.checkPaths()
        let repository = hub.registry.repository(space.id), parent = try await repository.commit(ref)
        if let expected = commitRequest.parent, expected != parent {
            throw HubHTTPError(412, "A commit has happened since. Please refresh and try again.")
        }
        let attributes = try await attributes(repository, parent, given: nil)
        let changes =
            try commitRequest.changes.map(Self.change) + Self.pointers(commitRequest.pointers, attributes)
        if let rejectionLines = rejection(of: changes, to: ref, in: space) {
            throw HubHTTPError(400, rejectionLines.joined(separator: "\n"))
        }
        let commit: String
        do {
            commit = try await repository.commit(
                changes, to: ref, parent: parent, author: account.user, message: commitRequest.message)
        } catch let error as GitCommandError {
            throw HubHTTPError(400, "The commit cannot be created: \(error.message.prefix(500))")
        }
        await hub.registry.recordPush(space.id)
        return .json([
            "success": true, "commitOid": .string(commit), "hookOutput": "",
            "commitUrl": .string("\(hub.url(of: space.id, request))/commit/\(commit)"),
        ])
    }

    private static func branch(_ revision: String) throws(HubHTTPError) -> String {
        if revision.hasPrefix("refs/heads/") { return revision }
        guard !revision.hasPrefix("refs/"), !revision.isEmpty else { throw .noRevision(revision) }
        return "refs/heads/" + revision
    }

    /// Returns the change for one file of a create or commit request. Throws a 400 error if it is
    /// not valid.
    static func change(_ file: JSON) throws(HubHTTPError) -> FileChange {
        guard let path = file["path"].string, !path.isEmpty else { throw .badRequest("\"path\" is required") }
        try CommitPath.check(path)
        let content = file["content"].string ?? ""
        if file["encoding"].string == "base64" {
            guard let data = Data(base64Encoded: content) else {
                throw .badRequest("\"content\" is not base64")
            }
            return .write(path: path, bytes: Array(data))
        }
        return .write(path: path, bytes: Array(content.utf8))
    }

    private static func change(_ item: CommitRequest.Item) throws(HubHTTPError) -> FileChange {
        switch item {
        case .file(let file): return try change(file)
        case .removal(let path): return .remove(path: path)
        }
    }

    /// Returns changes that write the pointer files, and `.gitattributes` with lines for those that
    /// no pattern matches.
    private static func pointers(_ files: [JSON], _ attributes: HubLFSAttributes) throws(HubHTTPError)
        -> [FileChange]
    {
        var changes: [FileChange] = [], attributes = attributes
        for file in files {
            guard let path = file["path"].string, let oid = file["oid"].string, HubLFSPointer.isOID(oid),
                let size = file["size"].int
            else { throw .badRequest("\"lfsFile\" requires path, oid and size") }
            changes.append(.write(path: path, bytes: Array(HubLFSPointer(oid: oid, size: size).file.utf8)))
            attributes.add(path)
        }
        if attributes.isChanged {
            changes.append(.write(path: ".gitattributes", bytes: Array(attributes.text.utf8)))
        }
        return changes
    }

    private func rejection(of changes: [FileChange], to ref: String, in space: Space) -> [String]? {
        var rules = PushRules(ref: ref) { [store = hub.registry.store(space.id)] in store.contains($0) }
        for case .write(let path, let bytes) in changes {
            rules.blobs.append(.init(path: path, size: bytes.count, start: Array(bytes.prefix(8000))))
            if path == "README.md" { rules.readme = String(decoding: bytes, as: UTF8.self) }
        }
        return rules.rejection()
    }

    func validateCard(_ request: Request) async throws -> Response {
        let body = try await request.json(), readme = body["content"].string ?? ""
        let errors = CardRules.errors(in: readme).map { JSON.object(["message": .string($0)]) }
        let warnings: [JSON] =
            CardRules.card(of: readme) == nil && errors.isEmpty
            ? [["message": "empty or missing yaml metadata in repo card"]] : []
        return .json(
            ["errors": .array(errors), "warnings": .array(warnings)], status: errors.isEmpty ? 200 : 400)
    }

    func makeBranch(_ request: Request) async throws -> Response {
        let space = try await hub.writableSpace(request), repository = hub.registry.repository(space.id)
        let name = request["branch"], body = try await request.json()
        if name.hasPrefix("refs/") {
            throw HubHTTPError.badRequest("Invalid reference for a branch: \(name)")
        }
        if try await repository.commit("refs/heads/" + name) != nil {
            throw HubHTTPError(409, "Reference refs/heads/\(name) already exists")
        }
        guard let start = try await hub.commit(body["startingPoint"].string ?? "", of: space) else {
            throw HubHTTPError.noRevision("main")
        }
        _ = try await repository.git(["update-ref", "refs/heads/" + name, start])
        return .json([:])
    }

    func removeBranch(_ request: Request) async throws -> Response {
        let space = try await hub.writableSpace(request), repository = hub.registry.repository(space.id)
        let ref = "refs/heads/" + request["branch"]
        if ref == "refs/heads/main" { throw HubHTTPError.badRequest("Cannot delete refs/heads/main") }
        guard try await repository.commit(ref) != nil else {
            throw HubHTTPError.noRevision(request["branch"])
        }
        _ = try await repository.git(["update-ref", "-d", ref])
        return .json([:])
    }
}

/// The LFS patterns (`filter=lfs`) of a `.gitattributes` file.
struct HubLFSAttributes: Sendable {
    private(set) var text: String
    private(set) var isChanged = false
    private var patterns: [String]

    init(_ text: String) {
        self.text = text
        patterns = text.split(whereSeparator: \.isNewline).compactMap { line in
            let fields = line.split(separator: " ")
            return fields.dropFirst().contains("filter=lfs") ? fields.first.map(String.init) : nil
        }
    }

    /// Returns whether a pattern matches the path. A pattern without a slash matches the file name
    /// only, as in gitattributes(5).
    func covers(_ path: String) -> Bool {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return patterns.contains { pattern in
            guard pattern.contains("/") else { return fnmatch(pattern, name, 0) == 0 }
            let anywhere = pattern.replacingEach("/**/", with: "/*")
            return fnmatch(pattern, path, FNM_PATHNAME) == 0 || fnmatch(anywhere, path, 0) == 0
        }
    }

    /// Adds a line for the path unless a pattern matches it already.
    mutating func add(_ path: String) {
        guard !covers(path) else { return }
        let pattern = path.replacingEach(" ", with: "[[:space:]]")
        if !text.isEmpty, !text.hasSuffix("\n") { text += "\n" }
        text += "\(pattern) filter=lfs diff=lfs merge=lfs -text\n"
        patterns.append(pattern)
        isChanged = true
    }
}

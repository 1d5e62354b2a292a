import Essentials
import HTTPServer
import TextTools

/// Routes for the caller's identity, and for listing and describing Spaces (hub-api.md 1.4, 1.5 and
/// 3.4).
extension HubRoutes {
    func whoami(_ request: Request) async throws -> Response {
        let account = try user(request)
        let organizations = self.organizations(of: account).map { name -> JSON in
            [
                "type": "org", "id": .string(Self.key(for: name)), "name": .string(name),
                "fullname": .string(name), "avatarUrl": "", "plan": "team", "roleInOrg": "write",
            ]
        }
        return .json([
            "type": "user", "id": .string(Self.key(for: account.user)), "name": .string(account.user),
            "fullname": .string(account.user), "email": .string("\(account.user)@example.com"),
            "emailVerified": true, "canPay": false, "isPro": .bool(options.isPro), "periodEnd": .null,
            "avatarUrl": "", "orgs": .array(organizations),
            "auth": [
                "type": "access_token",
                "accessToken": Self.accessToken(account),
            ],
        ])
    }

    private static func accessToken(_ account: HubUser) -> JSON {
        let scopes = account.spaces?.sorted().map { space -> JSON in
            [
                "entity": ["_id": .string(key(for: space)), "type": "space", "name": .string(space)],
                "permissions": ["repo.content.read", "repo.write"],
            ]
        }
        return .members([
            "displayName": "local", "role": .string(account.role.rawValue),
            "createdAt": "2026-01-01T00:00:00.000Z",
            "fineGrained": scopes.map { ["scoped": .array($0), "canReadGatedRepos": false] },
        ])
    }

    /// Returns 24 hexadecimal digits derived from the name (FNV-1a hash).
    private static func key(for name: String) -> String {
        let number = name.utf8.reduce(UInt64(14_695_981_039_346_656_037)) {
            ($0 ^ UInt64($1)) &* 1_099_511_628_211
        }
        return "00000000" + String(repeating: "0", count: 16 - String(number, radix: 16).count)
            + String(number, radix: 16)
    }

    func authCheck(_ request: Request) async throws -> Response {
        _ =
            try await request.target.segments.last == "write"
            ? writableSpace(request) : readableSpace(request)
        return .json([:])
    }

    func info(_ request: Request) async throws -> Response {
        let space = try await readableSpace(request)
        let commit = try await commit(request["revision"], of: space)
        var json = space.info(authority, sha: commit)
        let expand = request.target.values("expand")
        if expand.isEmpty || expand.contains("siblings") {
            let withSizes = request.target.value("blobs").map { ["true", "1", "True"].contains($0) } ?? false
            json["siblings"] = try await siblings(space, commit, withSizes: withSizes)
        }
        return .json(expand.isEmpty ? json : Self.only(expand, of: json))
    }

    private static func only(_ names: [String], of json: JSON) -> JSON {
        let shown = Set(names + ["id", "_id"])
        return .object(JSON.Object((json.object ?? [:]).filter { shown.contains($0.key) }.map { ($0, $1) }))
    }

    private func siblings(_ space: Space, _ commit: String?, withSizes: Bool) async throws -> JSON {
        guard let commit else { return [] }
        let repository = registry.repository(space.id)
        var files: [JSON] = []
        for entry in try await repository.entries(at: commit) where entry.type == "blob" {
            var json: JSON = ["rfilename": .string(entry.path)]
            if withSizes {
                let pointer = try await repository.pointer(entry)
                (json["blobId"], json["size"]) = (.string(entry.id), .int(pointer?.size ?? entry.size))
                if let pointer {
                    json["lfs"] = [
                        "sha256": .string(pointer.oid), "size": .int(pointer.size),
                        "pointerSize": .int(entry.size),
                    ]
                }
            }
            files.append(json)
        }
        return .array(files)
    }

    func list(_ request: Request) async throws -> Response {
        let account = try caller(request), query = request.target
        let search = query.value("search")?.lowercased()
        let limit = request.number("limit", 1...1000, default: 1000)
        let start = request.number("cursor", 0...1_000_000_000, default: 0)
        let visible = await registry.spaces.values.filter { space in
            (!space.hidesFiles || account.map { maySee($0, space) } ?? false)
                && (query.value("author").map { $0 == space.owner } ?? true)
                && (search.map { space.id.lowercased().contains($0) } ?? true)
        }
        let ordered = visible.sorted { ($1.modified, $0.id) < ($0.modified, $1.id) }
        let page = ordered.dropFirst(start).prefix(limit), expand = query.values("expand")
        var response = Response.json(
            .array(
                page.map { space in
                    let json = space.info(authority)
                    return expand.isEmpty ? json : Self.only(expand, of: json)
                }))
        if start + limit < ordered.count { response.fields["Link"] = next(request, cursor: start + limit) }
        return response
    }

    /// Returns the `Link` header for the next page: `<url>; rel="next"`.
    func next(_ request: Request, cursor: Int) -> String {
        let items = request.target.rawQuery.split(separator: "&").filter { !$0.hasPrefix("cursor=") }
        let query = (items + ["cursor=\(cursor)"]).joined(separator: "&")
        return "<\(base(request))\(request.target.rawPath)?\(query)>; rel=\"next\""
    }

    func host(_ request: Request) async throws -> Response {
        .json(["host": .string("http://" + (try await readableSpace(request)).domain(authority))])
    }

    func bySubdomain(_ request: Request) async throws -> Response {
        guard let space = await registry.space(subdomain: request["subdomain"]) else {
            throw HubHTTPError.noSpace
        }
        var request = request
        request.parameters = ["owner": space.owner, "name": space.name]
        return try await info(request)
    }

    /// Returns the commit id of a revision, or the head if the revision is empty; `nil` if the
    /// Space has no head. Throws `HubHTTPError.noRevision` if the revision does not exist.
    func commit(_ revision: String, of space: Space) async throws -> String? {
        if revision.isEmpty || revision == "main" { return space.head }
        guard let commit = try await registry.repository(space.id).commit(revision) else {
            throw HubHTTPError.noRevision(revision)
        }
        return commit
    }
}

extension HubRepository {
    /// Returns the LFS pointer in a file; `nil` if the file is not a pointer.
    func pointer(_ entry: Entry) async throws -> HubLFSPointer? {
        guard entry.type == "blob", (100..<1024).contains(entry.size) else { return nil }
        return HubLFSPointer(try await git(["cat-file", "blob", entry.id]))
    }
}

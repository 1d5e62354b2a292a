import Essentials
import HTTPServer
import TextTools

/// Routes for listing and describing Spaces (hub-api.md 1.5 and 3.4).
struct SpaceRoutes: Sendable {
    let hub: HubContext

    func info(_ request: Request) async throws -> Response {
        let space = try await hub.readableSpace(request)
        let commit = try await hub.commit(request["revision"], of: space)
        var json = space.info(hub.authority, sha: commit)
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
        let repository = hub.registry.repository(space.id)
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
        let account = try hub.caller(request), query = request.target
        let search = query.value("search")?.lowercased()
        let limit = request.number("limit", 1...1000, default: 1000)
        let start = request.number("cursor", 0...1_000_000_000, default: 0)
        let visible = await hub.registry.spaces.values.filter { space in
            (!space.hidesFiles || account.map { hub.maySee($0, space) } ?? false)
                && (query.value("author").map { $0 == space.owner } ?? true)
                && (search.map { space.id.lowercased().contains($0) } ?? true)
        }
        let ordered = visible.sorted { ($1.modified, $0.id) < ($0.modified, $1.id) }
        let page = ordered.dropFirst(start).prefix(limit), expand = query.values("expand")
        var response = Response.json(
            .array(
                page.map { space in
                    let json = space.info(hub.authority)
                    return expand.isEmpty ? json : Self.only(expand, of: json)
                }))
        if start + limit < ordered.count {
            response.fields["Link"] = hub.nextPage(request, cursor: start + limit)
        }
        return response
    }

    func host(_ request: Request) async throws -> Response {
        .json(["host": .string("http://" + (try await hub.readableSpace(request)).domain(hub.authority))])
    }

    func bySubdomain(_ request: Request) async throws -> Response {
        guard let space = await hub.registry.space(subdomain: request["subdomain"]) else {
            throw HubHTTPError.noSpace
        }
        var request = request
        request.parameters = ["owner": space.owner, "name": space.name]
        return try await info(request)
    }
}

extension HubRepository {
    /// Returns the LFS pointer in a file; `nil` if the file is not a pointer.
    func pointer(_ entry: Entry) async throws -> HubLFSPointer? {
        guard entry.type == "blob", (100..<1024).contains(entry.size) else { return nil }
        return HubLFSPointer(try await git(["cat-file", "blob", entry.id]))
    }
}

import Essentials
import HTTPServer
import TextTools

/// Routes for trees, commits, refs and files (hub-api.md 3.4).
struct FileRoutes: Sendable {
    let hub: HubContext

    func tree(_ request: Request) async throws -> Response {
        let space = try await hub.readableSpace(request), repository = hub.registry.repository(space.id)
        guard let commit = try await hub.commit(request["revision"], of: space) else { return .json([]) }
        let isRecursive = ["true", "1", "True"].contains(request.target.value("recursive") ?? "")
        let path = request["path"].split(separator: "/").joined(separator: "/")
        guard
            let entries = try? await repository.entries(at: commit, below: path, recursive: isRecursive)
        else { throw HubHTTPError.noEntry }
        let limit = request.number("limit", 1...1000, default: 1000)
        let start = request.number("cursor", 0...1_000_000_000, default: 0)
        let page = entries.dropFirst(start).prefix(limit)
        var response = Response.json(.array(try await describe(Array(page), repository)))
        if start + limit < entries.count {
            response.fields["Link"] = hub.nextPage(request, cursor: start + limit)
        }
        return response
    }

    private func describe(_ entries: [HubRepository.Entry], _ repository: HubRepository) async throws
        -> [JSON]
    {
        var values: [JSON] = []
        for entry in entries {
            let pointer = try await repository.pointer(entry)
            values.append(
                .members([
                    "type": entry.type == "tree" ? "directory" : entry.type == "blob" ? "file" : "unknown",
                    "oid": .string(entry.id), "size": .int(pointer?.size ?? entry.size),
                    "path": .string(entry.path),
                    "lfs": pointer.map {
                        ["oid": .string($0.oid), "size": .int($0.size), "pointerSize": .int(entry.size)]
                    },
                ]))
        }
        return values
    }

    /// Accepts a form, as the Python client sends it, and JSON, as the specification says.
    func pathsInfo(_ request: Request) async throws -> Response {
        let space = try await hub.readableSpace(request), repository = hub.registry.repository(space.id)
        let bytes = try await request.body.collect()
        let form = try? RequestTarget("/?" + String(decoding: bytes, as: UTF8.self)).values("paths")
        let requestedPaths = JSON(bytes)?["paths"].array?.compactMap(\.string) ?? form ?? []
        guard let commit = try await hub.commit(request["revision"], of: space) else { return .json([]) }
        let entries = try await repository.entries(at: commit).filter { requestedPaths.contains($0.path) }
        return .json(.array(try await describe(entries, repository)))
    }

    func refs(_ request: Request) async throws -> Response {
        let space = try await hub.readableSpace(request)
        let listing = try await hub.registry.repository(space.id)
            .git(["for-each-ref", "--format=%(objectname) %(refname)"])
        let all = String(decoding: listing, as: UTF8.self).split(separator: "\n").compactMap {
            line -> JSON? in
            let fields = line.split(separator: " ", maxSplits: 1)
            guard fields.count == 2 else { return nil }
            let name = fields[1].split(separator: "/", maxSplits: 2).last ?? fields[1]
            return [
                "name": .string(String(name)), "ref": .string(String(fields[1])),
                "targetCommit": .string(String(fields[0])),
            ]
        }
        func below(_ prefix: String) -> JSON {
            .array(all.filter { $0["ref"].string?.hasPrefix(prefix) ?? false })
        }
        return .json([
            "tags": below("refs/tags/"), "branches": below("refs/heads/"), "converts": below("refs/convert/"),
            "pullRequests": below("refs/pr/"),
        ])
    }

    func commits(_ request: Request) async throws -> Response {
        let space = try await hub.readableSpace(request), repository = hub.registry.repository(space.id)
        guard let commit = try await hub.commit(request["revision"], of: space) else { return .json([]) }
        let limit = request.number("limit", 1...1000, default: 50)
        let page = request.number("p", 0...1_000_000, default: 0)
        let listing = try await repository.git([
            "log", "-z", "--skip=\(page * limit)", "-n", "\(limit)", "--format=%H%n%an%n%cI%n%B", commit,
        ])
        let total = try await repository.git(["rev-list", "--count", commit])
        var response = Response.json(.array(listing.split(separator: 0).compactMap(Self.describe)))
        let count = String(decoding: total, as: UTF8.self).trimmingWhitespace()
        response.fields["X-Total-Count"] = count
        if (page + 1) * limit < Int(count) ?? 0 {
            let query = "p=\(page + 1)&limit=\(limit)"
            response.fields["Link"] = "<\(hub.base(request))\(request.target.rawPath)?\(query)>; rel=\"next\""
        }
        return response
    }

    private static func describe(_ entry: ArraySlice<UInt8>) -> JSON? {
        let lines = String(decoding: entry, as: UTF8.self)
            .split(separator: "\n", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
        guard lines.count == 4 else { return nil }
        let parts = lines[3].split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
        let message = (parts.count > 1 ? String(parts[1]) : "").trimmingWhitespace()
        return [
            "id": .string(lines[0]), "title": .string(String(parts.first ?? "")), "message": .string(message),
            "authors": [["user": .string(lines[1])]], "date": .string(lines[2]),
        ]
    }

    /// Serves `/resolve/` and `/raw/`. Only `/resolve/` replaces an LFS pointer by its object.
    func file(_ request: Request) async throws -> Response {
        let space = try await hub.readableSpace(request), repository = hub.registry.repository(space.id)
        guard let commit = try await hub.commit(request["revision"], of: space) else {
            throw HubHTTPError.noEntry
        }
        guard let bytes = try await repository.file(request["path"], at: commit) else {
            throw HubHTTPError.noEntry
        }
        var response: Response
        let isRaw = request.target.segments.contains("raw")
        if !isRaw, bytes.count < 1024, let pointer = HubLFSPointer(bytes) {
            response = try .file(
                hub.registry.store(space.id).object(pointer.oid), range: request.fields["Range"])
            response.fields["ETag"] = "\"\(pointer.oid)\""
            response.fields["X-Linked-Size"] = String(pointer.size)
            response.fields["X-Linked-ETag"] = "\"\(pointer.oid)\""
        } else {
            response = Response(fields: ["Content-Type": "text/plain; charset=utf-8"], body: .bytes(bytes))
            let listing = try await repository.git(["rev-parse", "\(commit):\(request["path"])"])
            let id = String(decoding: listing, as: UTF8.self).trimmingWhitespace()
            response.fields["ETag"] = "\"\(id)\""
        }
        response.fields["X-Repo-Commit"] = commit
        return response
    }
}

/// Routes for Git over HTTP (hub-api.md 2), handled by `git http-backend`.
struct GitRoutes: Sendable {
    let hub: HubContext

    func handle(_ request: Request) async throws -> Response {
        do {
            let isPush =
                request.target.value("service") == "git-receive-pack" || request["verb"] == "git-receive-pack"
            let space = isPush ? try await pushableSpace(request) : try await hub.readableSpace(request)
            let account = try hub.caller(request)
            return try await isPush && request.method == "POST"
                ? receive(request, space, account) : backend(request, space, account).handle(request)
        } catch let error as HubHTTPError {
            return error.plainResponse
        }
    }

    /// Returns the Space of a push. Throws errors with the messages of the Git endpoints, which
    /// differ from the API's.
    private func pushableSpace(_ request: Request) async throws -> Space {
        guard try hub.caller(request) != nil else { throw HubHTTPError.anonymous }
        do {
            return try await hub.writableSpace(request)
        } catch let error as HubHTTPError where error == .readOnly {
            throw HubHTTPError(
                403, "Authorization error.\nSorry, you don't have write access to this repository.")
        }
    }

    private func receive(_ request: Request, _ space: Space, _ account: HubUser?) async throws -> Response {
        let hook = try PreReceiveHook(registry: hub.registry, space: space)
        let validation = Task { await hook.validatePushes() }
        var backend = backend(request, space, account)
        backend.program.environment["LOCALHUB_HOOK"] = hook.folder
        backend.onExit = { [registry = hub.registry] _, _ in
            validation.cancel()
            // Before the response ends, so that a client whose push is complete sees the new head
            // in the API.
            await registry.recordPush(space.id)
        }
        do {
            return try await backend.handle(request)
        } catch {
            validation.cancel()
            throw error
        }
    }

    private func backend(_ request: Request, _ space: Space, _ account: HubUser?) -> CGI {
        let git = hub.registry.git
        var environment = git.environment
        environment["GIT_PROJECT_ROOT"] = hub.registry.root.path
        environment["GIT_HTTP_EXPORT_ALL"] = "1"
        environment["PATH_INFO"] = "/spaces/\(space.id).git/" + Self.service(request)
        environment["REMOTE_USER"] = account?.user
        environment["GIT_PROTOCOL"] = request.fields["Git-Protocol"]
        let unpacks = !hub.options.ignoresGzip || request["verb"] == "git-receive-pack"
        if unpacks { environment["HTTP_CONTENT_ENCODING"] = request.fields["Content-Encoding"] }
        for (index, setting) in settings.enumerated() {
            environment["GIT_CONFIG_KEY_\(index)"] = setting.0
            environment["GIT_CONFIG_VALUE_\(index)"] = setting.1
        }
        environment["GIT_CONFIG_COUNT"] = String(settings.count)
        return CGI(SubprocessConfiguration(git.backend, environment: environment))
    }

    private static func service(_ request: Request) -> String {
        request["verb"].isEmpty ? "info/refs" : request["verb"]
    }

    private var settings: [(String, String)] {
        let partial = hub.options.offersPartialFetches ? "true" : "false"
        return [
            ("safe.directory", "*"), ("http.receivepack", "true"),
            ("core.hooksPath", hub.registry.root.path + "/hooks"),
            ("uploadpack.allowAnySHA1InWant", partial), ("uploadpack.allowFilter", partial),
            ("receive.denyDeleteCurrent", "ignore"), ("gc.auto", "0"), ("receive.autogc", "false"),
            ("protocol.version", "2"),
        ]
    }
}

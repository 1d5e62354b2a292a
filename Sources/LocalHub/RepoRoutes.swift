import Essentials
import HTTPServer
import TextTools

/// Routes that create, delete, move, duplicate and configure Spaces (hub-api.md 3.2 and 3.3).
struct RepoRoutes: Sendable {
    let hub: HubContext

    func create(_ request: Request) async throws -> Response {
        let account = try hub.user(request), body = try await request.json()
        guard body["type"].string == "space" else {
            throw HubHTTPError.badRequest("The local Hub supports only Spaces: \"type\" must be \"space\"")
        }
        let draft = try makeSpace(body, account)
        if await hub.registry.space(draft.id) != nil { return exists(draft.id, request) }
        try checkPlan(of: account, draft.sdk)
        guard await hub.registry.reserve(draft) else { return exists(draft.id, request) }
        do {
            try await applySettings(draft, body, account)
        } catch {
            await hub.registry.remove(draft.id)
            throw error
        }
        let url = hub.url(of: draft.id, request)
        return .json(["url": .string(url), "name": .string(draft.id), "id": .string(draft.key)])
    }

    private func exists(_ id: String, _ request: Request) -> Response {
        let url = JSON.string(hub.url(of: id, request))
        return HubHTTPError(409, "You already created this space repo", details: ["url": url]).response
    }

    private func checkPlan(of account: HubUser, _ sdk: String) throws(HubHTTPError) {
        guard !hub.options.isPro, sdk != "static" else { return }
        throw HubHTTPError(
            402,
            "Static Spaces are free for everyone, but hosting Gradio and Docker Spaces on free cpu-basic requires "
                + "a PRO subscription. Subscribe at https://huggingface.co/pro")
    }

    /// Returns the Space that a create request describes. Throws if a value is invalid, or if the
    /// account may not create it.
    private func makeSpace(_ body: JSON, _ account: HubUser) throws(HubHTTPError) -> Space {
        let owner = body["organization"].string ?? account.user
        guard let id = HubSpaceName(owner: owner, name: body["name"].string ?? "") else {
            throw .badRequest("Invalid repo name: \(body["name"].string ?? "") - must be a valid repo name")
        }
        try checkNamespace(owner, account)
        let sdk = body["sdk"].string ?? ""
        guard ["gradio", "docker", "static"].contains(sdk) else {
            throw .badRequest("\"sdk\" must be one of [gradio, docker, static]")
        }
        var space = Space(
            owner: id.owner, name: id.name, key: HubContext.newKey(),
            visibility: try visibility(body) ?? "public",
            sdk: sdk, created: .hubNow, modified: .hubNow)
        if sdk == "static" { space.stage = "RUNNING" }
        if let hardware = body["hardware"].string { try RuntimeRoutes.setHardware(&space, hardware, body) }
        for (key, setting) in try settings(body["variables"]) { space.variables[key] = setting }
        for (key, setting) in try settings(body["secrets"]) { space.secrets[key] = setting.withoutValue }
        if let volumes = body["volumes"].array { space.volumes = volumes }
        return space
    }

    private func checkNamespace(_ owner: String, _ account: HubUser) throws(HubHTTPError) {
        let message = "You don't have the rights to create a space under the namespace \"\(owner)\""
        guard account.role == .write, hub.isMember(account, of: owner) else {
            throw HubHTTPError(403, message)
        }
    }

    private func settings(_ list: JSON) throws(HubHTTPError) -> [(String, Space.Setting)] {
        var result: [(String, Space.Setting)] = []
        for entry in list.array ?? [] { result.append(try RuntimeRoutes.setting(entry)) }
        return result
    }

    /// Creates the repository with its initial commit, including the files in the request.
    private func applySettings(_ space: Space, _ body: JSON, _ account: HubUser) async throws {
        let repository = hub.registry.repository(space.id)
        try await repository.initialize()
        let readme = InitialCommit.readme(
            name: space.name, sdk: space.sdk, description: body["short_description"].string,
            license: body["license"].string)
        var changes: [FileChange] = [
            .write(path: ".gitattributes", bytes: Array(InitialCommit.gitAttributes.utf8)),
            .write(path: "README.md", bytes: Array(readme.utf8)),
        ]
        for file in body["files"].array ?? [] { changes.append(try CommitRoutes.change(file)) }
        _ = try await repository.commit(
            changes, to: "refs/heads/main", parent: nil, author: account.user, message: "initial commit")
        let isBare = (body["files"].array ?? []).isEmpty
        await isBare ? hub.registry.open(space.id) : hub.registry.recordPush(space.id)
    }

    func delete(_ request: Request) async throws -> Response {
        let account = try hub.user(request), body = try await request.json()
        let owner = body["organization"].string ?? account.user, name = body["name"].string ?? ""
        // Older clients send the complete id as the name.
        let id = name.contains("/") ? name : "\(owner)/\(name)"
        var request = request
        request.parameters = Self.parameters(id)
        await hub.registry.remove(try await hub.writableSpace(request).id)
        return .text("OK")
    }

    func move(_ request: Request) async throws -> Response {
        let account = try hub.user(request), body = try await request.json()
        guard let target = HubSpaceName(body["toRepo"].string ?? "") else {
            throw HubHTTPError.badRequest("Invalid repo name")
        }
        var request = request
        request.parameters = Self.parameters(body["fromRepo"].string ?? "")
        let space = try await hub.writableSpace(request)
        try checkNamespace(target.owner, account)
        guard try await hub.registry.move(space.id, toOwner: target.owner, name: target.name) else {
            throw HubHTTPError(409, "A space repository called \(target) already exists")
        }
        return .text("OK")
    }

    private static func parameters(_ id: String) -> [String: String] {
        let parts = id.split(separator: "/", maxSplits: 1).map(String.init)
        return ["owner": parts.first ?? "", "name": parts.count > 1 ? parts[1] : ""]
    }

    func changeSettings(_ request: Request) async throws -> Response {
        let space = try await hub.writableSpace(request), body = try await request.json()
        if let visibility = try visibility(body) {
            await hub.registry.change(space.id) { $0.visibility = visibility }
        }
        return .json(body)
    }

    func duplicate(_ request: Request) async throws -> Response {
        let source = try await hub.readableSpace(request), account = try hub.user(request),
            body = try await request.json()
        guard let target = HubSpaceName(body["repository"].string ?? "") else {
            throw HubHTTPError.badRequest("Invalid repo name")
        }
        try checkNamespace(target.owner, account)
        try checkPlan(of: account, source.sdk)
        var copy = Space(
            owner: target.owner, name: target.name, key: HubContext.newKey(),
            visibility: try visibility(body) ?? "private", sdk: source.sdk, created: .hubNow,
            modified: .hubNow)
        copy.variables = source.variables
        for (key, setting) in try settings(body["variables"]) { copy.variables[key] = setting }
        for (key, setting) in try settings(body["secrets"]) { copy.secrets[key] = setting.withoutValue }
        if let hardware = body["hardware"].string { try RuntimeRoutes.setHardware(&copy, hardware, body) }
        guard await hub.registry.reserve(copy) else { return exists(copy.id, request) }
        try FileManager.default.createDirectory(
            at: hub.registry.folder(copy.id).deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.copyItem(at: hub.registry.folder(source.id), to: hub.registry.folder(copy.id))
        try? FileManager.default.removeItem(at: hub.registry.store(copy.id).incoming)
        await hub.registry.recordPush(copy.id)
        return .json(["url": .string(hub.url(of: copy.id, request))])
    }

    /// Returns the requested visibility, from `visibility` or the older `private`; `nil` if neither
    /// is given.
    private func visibility(_ body: JSON) throws(HubHTTPError) -> String? {
        if let isPrivate = body["private"].bool { return isPrivate ? "private" : "public" }
        guard !body["visibility"].isNull else { return nil }
        guard let visibility = body["visibility"].string,
            ["public", "private", "protected"].contains(visibility)
        else {
            throw .badRequest("\"visibility\" must be one of [public, private, protected]")
        }
        return visibility
    }
}

extension SpaceStore {
    /// Records the head and the card of a new Space without files from the request. No build is
    /// started.
    func open(_ id: String) async {
        let repository = repository(id)
        guard let head = try? await repository.commit("refs/heads/main") else { return }
        let readme = (try? await repository.file("README.md", at: head)).map {
            String(decoding: $0, as: UTF8.self)
        }
        change(id) { ($0.head, $0.card) = (head, readme.flatMap(CardRules.card) ?? .object([:])) }
    }
}

/// The contents of a new Space (hub-api.md 2.2).
enum InitialCommit {
    /// The `.gitattributes` of a new Space: 35 lines, 1519 bytes, blob
    /// a6344aac8c09253b3b630fb776ae94478aa0275b.
    static let gitAttributes =
        patterns.split(separator: " ").map { "\($0) filter=lfs diff=lfs merge=lfs -text\n" }.joined()

    private static let patterns = """
        *.7z *.arrow *.bin *.bz2 *.ckpt *.ftz *.gz *.h5 *.joblib *.lfs.* *.mlmodel *.model *.msgpack *.npy *.npz \
        *.onnx *.ot *.parquet *.pb *.pickle *.pkl *.pt *.pth *.rar *.safetensors saved_model/**/* *.tar.* *.tar \
        *.tflite *.tgz *.wasm *.xz *.zip *.zst *tfevents*
        """

    /// Returns the README: the front matter and a link to the configuration reference.
    static func readme(name: String, sdk: String, description: String?, license: String?) -> String {
        let colors = ["red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"]
        let seed = name.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xffff }
        let title = name.split { $0 == "-" || $0 == "_" }.map { $0.prefix(1).uppercased() + $0.dropFirst() }
        var lines = [
            "---", "title: \(title.joined(separator: " "))", "emoji: 🚀",
            "colorFrom: \(colors[seed % 8])", "colorTo: \(colors[(seed / 8) % 8])", "sdk: \(sdk)",
        ]
        if sdk == "gradio" { lines += ["sdk_version: 5.49.1", "app_file: app.py"] }
        lines.append("pinned: false")
        if let license { lines.append("license: \(license)") }
        if let description { lines.append("short_description: \(JSON.string(description).text)") }
        lines += [
            "---", "",
            "Check out the configuration reference at https://huggingface.co/docs/hub/spaces-config-reference",
            "",
        ]
        return lines.joined(separator: "\n")
    }
}

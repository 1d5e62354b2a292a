import Essentials

/// All Spaces of this Hub: the one place where they change. Each is kept in its repository's folder, in `hub.json`.
actor SpaceStore {
    let root: URL
    let git: GitProgram
    let options: HubOptions
    /// `localhost:PORT`.
    let authority: String
    private(set) var spaces: [String: Space] = [:]
    /// Old ids of Spaces that were moved.
    private var moved: [String: String] = [:]
    private var listeners: [String: [UUID: AsyncStream<Void>.Continuation]] = [:]
    var buildTasks: [String: Task<Void, Never>] = [:]
    var scripts: [String: HubScenario] = [:]
    var visits: [String: Int] = [:]

    init(_ options: HubOptions, git: GitProgram, authority: String) throws {
        (root, self.git, self.options, self.authority) = (options.root, git, options, authority)
        for file in Self.stateFiles(below: options.root) {
            guard let data = try? Data(contentsOf: file),
                let space = try? JSONDecoder().decode(Space.self, from: data)
            else { continue }
            spaces[space.id] = space
        }
    }

    private static func stateFiles(below root: URL) -> [URL] {
        let folder = root.appendingPathComponent("spaces")
        func inside(_ url: URL) -> [URL] {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
            return names.map { url.appendingPathComponent($0) }
        }
        return inside(folder).flatMap(inside).map { $0.appendingPathComponent("hub.json") }
    }

    func space(_ id: String) -> Space? { spaces[id] ?? moved[id].flatMap { spaces[$0] } }

    func space(subdomain: String) -> Space? { spaces.values.first { $0.subdomain == subdomain } }

    /// The folder of a Space's bare repository.
    nonisolated func folder(_ id: String) -> URL { root.appendingPathComponent("spaces/\(id).git") }

    nonisolated func repository(_ id: String) -> HubRepository {
        HubRepository(path: folder(id).path, git: git)
    }

    /// Takes a name before anything is written: two creates at once cannot both have it.
    func reserve(_ space: Space) -> Bool {
        guard spaces[space.id] == nil else { return false }
        spaces[space.id] = space
        moved[space.id] = nil
        return true
    }

    /// Changes a Space, keeps it, and tells whoever listens. Nil when there is no such Space.
    @discardableResult
    func change(_ id: String, _ edit: (inout Space) -> Void) -> Space? {
        guard var space = spaces[id] else { return nil }
        edit(&space)
        spaces[id] = space
        save(space)
        for listener in listeners[id, default: [:]].values { listener.yield() }
        return space
    }

    func remove(_ id: String) {
        buildTasks.removeValue(forKey: id)?.cancel()
        spaces[id] = nil
        scripts[id] = nil
        for listener in listeners.removeValue(forKey: id)?.values.map({ $0 }) ?? [] { listener.finish() }
        try? FileManager.default.removeItem(at: folder(id))
    }

    /// Gives a Space another name; the old one leads to it. False when the new one is taken.
    func move(_ id: String, toOwner owner: String, name: String) throws -> Bool {
        guard var space = spaces[id], spaces["\(owner)/\(name)"] == nil else { return false }
        (space.owner, space.name) = (owner, name)
        let target = folder(space.id)
        try FileManager.default.createDirectory(
            at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.moveItem(at: folder(id), to: target)
        spaces[id] = nil
        spaces[space.id] = space
        scripts[space.id] = scripts.removeValue(forKey: id)
        moved[id] = space.id
        save(space)
        return true
    }

    /// Yields whenever the Space changes, at the start, and at each beat; ends with the Space.
    func changes(of id: String, beat: Duration) -> AsyncStream<Void> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            let key = UUID()
            listeners[id, default: [:]][key] = continuation
            let heart = Task {
                while !Task.isCancelled {
                    continuation.yield()
                    try await Task.sleep(for: beat)
                }
            }
            continuation.onTermination = { _ in
                heart.cancel()
                Task { await self.unlisten(id, key) }
            }
        }
    }

    private func unlisten(_ id: String, _ key: UUID) { listeners[id]?[key] = nil }

    private func save(_ space: Space) {
        guard let data = try? JSONEncoder().encode(space) else { return }
        try? data.write(to: folder(space.id).appendingPathComponent("hub.json"), options: .atomic)
    }

    /// Ends every build and stream.
    func stop() async {
        for play in buildTasks.values { play.cancel() }
        for play in buildTasks.values { await play.value }
        for listener in listeners.values.flatMap(\.values) { listener.finish() }
        listeners = [:]
    }
}

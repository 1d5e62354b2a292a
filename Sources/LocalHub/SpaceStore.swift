import Essentials

/// The store of all Spaces of this Hub. Each is saved as `hub.json` in the folder of its repository.
actor SpaceStore {
    let root: URL
    let git: GitProgram
    let options: HubOptions
    /// `localhost:PORT`.
    let authority: String
    private(set) var spaces: [String: Space] = [:]
    /// The current ids of moved Spaces, by their old ids.
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

    /// Returns the paths of `hub.json` for all repositories.
    private static func stateFiles(below root: URL) -> [URL] {
        let folder = root.appendingPathComponent("spaces")
        func contents(_ url: URL) -> [URL] {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
            return names.map { url.appendingPathComponent($0) }
        }
        return contents(folder).flatMap(contents).map { $0.appendingPathComponent("hub.json") }
    }

    func space(_ id: String) -> Space? { spaces[id] ?? moved[id].flatMap { spaces[$0] } }

    func space(subdomain: String) -> Space? { spaces.values.first { $0.subdomain == subdomain } }

    /// Returns the folder of a Space's bare repository.
    nonisolated func folder(_ id: String) -> URL { root.appendingPathComponent("spaces/\(id).git") }

    nonisolated func repository(_ id: String) -> HubRepository {
        HubRepository(path: folder(id).path, git: git)
    }

    /// Reserves the id of a Space before anything is written, so that concurrent create requests
    /// cannot use the same id. Returns false if it is in use.
    func reserve(_ space: Space) -> Bool {
        guard spaces[space.id] == nil else { return false }
        spaces[space.id] = space
        moved[space.id] = nil
        return true
    }

    /// Changes and saves a Space, and notifies the listeners. `nil` if the Space does not exist.
    @discardableResult
    func change(_ id: String, _ edit: (inout Space) -> Void) -> Space? {
        guard var space = spaces[id] else { return nil }
        edit(&space)
        spaces[id] = space
        save(space)
        for listener in listeners[id, default: [:]].values { listener.yield() }
        return space
    }

    /// Removes a Space with its repository, and cancels its build.
    func remove(_ id: String) {
        buildTasks.removeValue(forKey: id)?.cancel()
        spaces[id] = nil
        scripts[id] = nil
        for listener in listeners.removeValue(forKey: id)?.values.map({ $0 }) ?? [] { listener.finish() }
        try? FileManager.default.removeItem(at: folder(id))
    }

    /// Renames a Space. The old id remains an alias. Returns false if the new id is in use.
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

    /// Returns a stream with an element at the start, for each change of the Space, and after each
    /// interval `beat`. The stream ends when the Space is removed.
    func changes(of id: String, beat: Duration) -> AsyncStream<Void> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            let key = UUID()
            listeners[id, default: [:]][key] = continuation
            let keepAliveTask = Task {
                while !Task.isCancelled {
                    continuation.yield()
                    try await Task.sleep(for: beat)
                }
            }
            continuation.onTermination = { _ in
                keepAliveTask.cancel()
                Task { await self.unlisten(id, key) }
            }
        }
    }

    private func unlisten(_ id: String, _ key: UUID) { listeners[id]?[key] = nil }

    private func save(_ space: Space) {
        guard let data = try? JSONEncoder().encode(space) else { return }
        try? data.write(to: folder(space.id).appendingPathComponent("hub.json"), options: .atomic)
    }

    /// Cancels all builds and ends all streams.
    func stop() async {
        for task in buildTasks.values { task.cancel() }
        for task in buildTasks.values { await task.value }
        for listener in listeners.values.flatMap(\.values) { listener.finish() }
        listeners = [:]
    }
}

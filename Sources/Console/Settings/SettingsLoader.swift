import Deploy
import Foundation
import Git

/// Finds and reads all settings of a run, in the order of design 3.
struct SettingsLoader: Sendable {
    let world: World
    let arguments: Arguments
    /// Where a hook finds the travelling file: the pushed commit.
    var pushedCommit: String?

    init(_ world: World, _ arguments: Arguments, pushedCommit: String? = nil) {
        (self.world, self.arguments, self.pushedCommit) = (world, arguments, pushedCommit)
    }

    /// - Parameter names: Spaces as written on the command line.
    /// - Throws: kind `settings` with all problems at once, `source` for a repository that cannot be read.
    func load(_ names: [String]) async throws(Failure) -> LoadedSettings {
        var loaded = LoadedSettings(home: try await home())
        if let configHome = world.configHome {
            try loaded.add(try SettingsFile(at: configHome + "/spacesync/config"))
        }
        if let home = loaded.home {
            let own = try await home.source.configuration()
            loaded.layers.append(Layer(.repository("\(home.top) (git config)"), .operating, own))
            try await addTravelling(of: home, to: &loaded)
        }
        for path in arguments.values(.config) {
            guard let file = try SettingsFile(at: world.absolute(path), shown: path) else {
                throw Failure(.settings, "there is no settings file \(path)")
            }
            try loaded.add(file)
        }
        loaded.layers += try arguments.layers()
        return try loaded.resolved(names, owner: Accounts(world).onlyOwner)
    }

    /// The repository this run stands in: the one that `--source` names, or the directory's; nil for a URL or none.
    private func home() async throws(Failure) -> Home? {
        let named = arguments.flags.last { $0.flag.key == "source" }?.value
        let location = named.map { SourceLocation($0, in: world) } ?? .path(world.directory)
        guard case .path(let path) = location else { return nil }
        do {
            return Home(try await LocalSource.open(at: path), path)
        } catch {
            if named != nil || error.cause != .noRepository { throw error }
            return nil
        }
    }

    /// `.spacesync`, read once: in a work tree the file as it lies there, else at HEAD; in a hook in the pushed commit,
    /// else at HEAD.
    private func addTravelling(of home: Home, to loaded: inout LoadedSettings) async throws(Failure) {
        if let pushedCommit {
            let pushed = try await home.source.file(named: ".spacesync", at: pushedCommit)
            let short = pushedCommit.prefix(7)
            if let pushed { return try loaded.add(travelling: pushed, ".spacesync at \(short)", .foreign) }
        } else if let workTree = home.source.workTree {
            guard let bytes = readFile(workTree + "/.spacesync", limit: ConfigText.limit) else { return }
            let committed = (try? await home.source.file(named: ".spacesync")).flatMap { $0 }
            let state = committed == bytes ? "" : " (not committed as it is)"
            return try loaded.add(travelling: bytes, ".spacesync of the work tree\(state)", .ownWorkTree)
        }
        guard let atHead = (try? await home.source.file(named: ".spacesync")).flatMap({ $0 }) else { return }
        try loaded.add(travelling: atHead, ".spacesync at HEAD", .foreign)
    }
}

/// The repository that a run stands in.
struct Home: Sendable {
    let source: LocalSource
    /// Its work tree, or itself when bare.
    let top: String

    init(_ source: LocalSource, _ path: String) {
        self.source = source
        top = source.workTree ?? path
    }
}

/// Layers as they are read, and what they amount to.
struct LoadedSettings: Sendable {
    let home: Home?
    var layers: [Layer] = []
    var warnings: [Problem] = []
    var operators = OperatorSettings()
    var targets: [Target] = []
    /// Spaces of which a travelling file says what it may not.
    var refused: [RefusedTarget] = []
    /// Spaces that the command line names, in its order.
    var named: [SpaceID] = []
    private(set) var travellingFile: String?

    init(home: Home?) { self.home = home }

    mutating func add(_ file: SettingsFile?) throws(Failure) {
        guard let file else { return }
        layers.append(file.layer)
        warnings += file.warnings
    }

    mutating func add(travelling bytes: [UInt8], _ name: String, _ standing: Standing) throws(Failure) {
        try add(try SettingsFile(bytes, origin: .travelling(name), standing: standing))
        travellingFile = name
    }

    /// - Throws: kind `usage` for a name that is no Space's, `settings` with all problems at once.
    func resolved(_ names: [String], owner: String?) throws(Failure) -> LoadedSettings {
        var resolved = self
        for name in names {
            let space = try Self.space(name, owner: owner)
            if !resolved.named.contains(space) { resolved.named.append(space) }
        }
        return try resolved.settled(owner: owner)
    }

    /// The same layers, for something that the command line does not name.
    func about(_ space: SpaceID) throws(Failure) -> LoadedSettings {
        var changed = self
        changed.named = [space]
        return try changed.settled(owner: nil)
    }

    private func settled(owner: String?) throws(Failure) -> LoadedSettings {
        var resolved = self
        let settings = Settings(layers: layers, named: named, owner: owner)
        guard settings.problems.isEmpty else { throw .settings(settings.problems) }
        (resolved.operators, resolved.targets) = (settings.operators, settings.targets)
        resolved.refused = settings.refused
        return resolved
    }

    /// What a run is about: the Spaces that are named, else all but manual ones.
    var chosen: (targets: [Target], refused: [RefusedTarget]) {
        guard !named.isEmpty else {
            return (targets.filter { !$0.manual }, refused.filter { !$0.manual })
        }
        let chosen = named.compactMap { space in targets.first { $0.space == space } }
        return (chosen, refused.filter { named.contains($0.space) })
    }

    /// The one Space of a command that takes one.
    /// - Throws: kind `settings` for what a travelling file may not say of it.
    func onlyTarget() throws(Failure) -> Target {
        if let refused = chosen.refused.first { throw refused.failure }
        guard let target = chosen.targets.first else { throw Failure(.usage, "no Space is named") }
        return target
    }

    private static func space(_ name: String, owner: String?) throws(Failure) -> SpaceID {
        if !name.contains("/"), SpaceID.isValid(name) {
            guard let owner, let space = SpaceID(owner: owner, name: name) else {
                throw Failure(
                    .usage, "whose Space is \(name)?",
                    hint: "write owner/\(name), or set HUGGINGFACE_USERNAME")
            }
            return space
        }
        guard let space = SpaceID(name) else {
            throw Failure(.usage, "\(name) is no Space's name", hint: "write owner/name")
        }
        return space
    }
}

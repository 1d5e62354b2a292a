import Deploy
import Foundation
import Git
import HTTP

/// Finds and reads all settings of a run, in the order of design 3.
struct SettingsLoader: Sendable {
    let world: World
    let arguments: Arguments
    /// Where a hook finds the travelling file: the pushed commit.
    var pushedCommit: String?

    /// Nobody stands in the work tree: its file counts as one that somebody else wrote.
    var isUnattended = false

    /// Only what is the operator's own counts.
    var leavesOutTravelling = false

    init(
        _ world: World, _ arguments: Arguments, pushedCommit: String? = nil, isUnattended: Bool = false
    ) {
        (self.world, self.arguments, self.pushedCommit) = (world, arguments, pushedCommit)
        self.isUnattended = isUnattended
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
            if !leavesOutTravelling { try await addTravelling(of: home, to: &loaded) }
        }
        loaded.placeOfSources = loaded.layers.count
        for path in arguments.values(.config) {
            guard let file = try SettingsFile(at: world.absolute(path), shown: path) else {
                throw Failure(
                    .settings, "there is no settings file \(path)",
                    hint: "looked at \(world.absolute(path)); ls shows what is there")
            }
            try loaded.add(file)
        }
        loaded.layers += try arguments.layers()
        loaded.editing = editing(loaded.home)
        return try loaded.resolved(names, owner: Accounts(world).onlyOwner)
    }

    /// What only the operator says, as far as it can be read.
    func operators() async -> OperatorSettings {
        var layers: [Layer] = []
        let user = world.configHome.map { $0 + "/spacesync/config" }
        if let user, let file = try? SettingsFile(at: user) { layers.append(file.layer) }
        if let home = try? await home(), let own = try? await home.source.configuration() {
            layers.append(Layer(.repository(home.top), .operating, own))
        }
        for path in arguments.values(.config) {
            if let file = try? SettingsFile(at: world.absolute(path)) { layers.append(file.layer) }
        }
        return Settings(layers: layers).operators
    }

    /// The repository this run stands in: the one that `--source` names, or the directory's; nil for a URL or none.
    private func home() async throws(Failure) -> Home? {
        let named = arguments.flags.last { $0.flag.key == "source" }?.value
        let location =
            named.map { SourceLocation(NetworkSettings(world).rewritten($0), in: world) }
            ?? .path(world.directory)
        guard case .path(let path) = location else { return nil }
        do {
            return Home(try await LocalSource.open(at: path), path)
        } catch {
            if named != nil || error.cause != .noRepository { throw error }
            return nil
        }
    }

    /// What changes the operator's side of this run's settings from a shell.
    private func editing(_ home: Home?) -> String {
        let file =
            arguments.values(.config).last
            ?? (home == nil ? world.configHome.map { $0 + "/spacesync/config" } : nil)
        return file.map { "git config -f \(ReadyLines.quoted($0))" } ?? "git config"
    }

    /// `.spacesync`, read once: in a work tree the file as it lies there, else at HEAD; in a hook in the pushed commit,
    /// else at HEAD.
    private func addTravelling(of home: Home, to loaded: inout LoadedSettings) async throws(Failure) {
        if let pushedCommit {
            let pushed = try await home.source.file(named: ".spacesync", at: pushedCommit)
            let short = pushedCommit.prefix(7)
            if let pushed { return try loaded.add(travelling: pushed, ".spacesync at \(short)", .foreign) }
        } else if let workTree = home.source.workTree, !isUnattended {
            guard let bytes = readFile(workTree + "/.spacesync", limit: ConfigText.limit) else { return }
            let committed = (try? await home.source.file(named: ".spacesync")).flatMap { $0 }
            if committed != bytes {
                loaded.notes.append(
                    ".spacesync counts as it lies here, not as it is committed")
            }
            return try loaded.add(travelling: bytes, ".spacesync", .ownWorkTree)
        }
        guard let atHead = (try? await home.source.file(named: ".spacesync")).flatMap({ $0 }) else { return }
        try loaded.add(travelling: atHead, ".spacesync at HEAD", .foreign)
    }
}

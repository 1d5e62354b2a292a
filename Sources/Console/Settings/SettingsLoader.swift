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
        } else if let workTree = home.source.workTree {
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

/// The repository that a run stands in.
struct Home: Sendable {
    let source: LocalSource
    /// Its work tree, or itself when bare.
    let top: String
    private let path: String

    init(_ source: LocalSource, _ path: String) {
        (self.source, self.path) = (source, path)
        top = source.workTree ?? path
    }

    /// Whether a path leads to this repository.
    func isAt(_ other: String) -> Bool {
        let (here, there) = (URL(fileURLWithPath: top), URL(fileURLWithPath: other))
        return other == path || here.resolvingSymlinksInPath() == there.resolvingSymlinksInPath()
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
    /// What is worth a line, and no warning.
    var notes: [String] = []
    /// Where among the layers the travelling file of another repository goes: under `--config` and flags.
    var placeOfSources = 0
    /// How a line that changes the operator's settings begins.
    var editing = "git config"
    /// Who a Space written as `name` alone belongs to.
    private(set) var owner: String?

    init(home: Home?) { self.home = home }

    mutating func add(_ file: SettingsFile?) throws(Failure) {
        guard let file else { return }
        layers.append(file.layer)
        warnings += file.warnings
    }

    mutating func add(travelling bytes: [UInt8], _ name: String, _ standing: Standing) throws(Failure) {
        try add(try SettingsFile(bytes, origin: .travelling(name), standing: standing))
    }

    /// - Throws: kind `usage` for a name that is no Space's, `settings` with all problems at once.
    func resolved(_ names: [String], owner: String?) throws(Failure) -> LoadedSettings {
        var resolved = self
        resolved.owner = owner
        for name in names {
            let space = try space(name, owner: owner)
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

    /// Says what is odd about the settings, before anything else.
    func tell(_ voice: any Voice) {
        notes.forEach { voice.note("note: \($0)") }
        warnings.forEach { voice.warn($0.description) }
    }

    /// What a run is about: the Spaces that are named, else all but manual ones.
    var chosen: (targets: [Target], refused: [RefusedTarget]) {
        guard !named.isEmpty else {
            return (targets.filter { !$0.manual }, refused.filter { !$0.manual })
        }
        let chosen = named.compactMap { space in targets.first { $0.space == space } }
        return (chosen, refused.filter { named.contains($0.space) })
    }

    /// Why a run without names is about nothing.
    func nothingChosen(by command: String) -> Failure {
        let manual = (targets.filter(\.manual).map(\.space) + refused.filter(\.manual).map(\.space)).sorted()
        guard let first = manual.first else {
            return Failure(
                .usage, "no Space is named, and no settings name one",
                hint:
                    "spacesync \(command) owner/name --branch BRANCH, or write a [space \"owner/name\"] section"
            )
        }
        let names = manual.map(\.description).joined(separator: ", ")
        return Failure(
            .usage, "no Space is named, and \(names) \(manual.count == 1 ? "is" : "are") manual",
            hint: "name what is meant: spacesync \(command) \(first)")
    }

    /// The one Space of a command that takes one.
    /// - Throws: kind `settings` for what a travelling file may not say of it.
    func onlyTarget() throws(Failure) -> Target {
        if let refused = chosen.refused.first { throw refused.failure }
        guard let target = chosen.targets.first else { throw Failure(.usage, "no Space is named") }
        return target
    }

    private func space(_ name: String, owner: String?) throws(Failure) -> SpaceID {
        if !name.contains("/"), SpaceID.isValid(name) {
            if let owner, let space = SpaceID(owner: owner, name: name) { return space }
            let known = spaces(called: name)
            if known.count == 1 { return known[0] }
            let choice = known.isEmpty ? "owner/\(name)" : known.map(\.description).joined(separator: " or ")
            throw Failure(
                .usage, "whose Space is \(name)?", hint: "write \(choice), or set HUGGINGFACE_USERNAME")
        }
        guard let space = SpaceID(name) else {
            throw Failure(
                .usage, "\(name.isEmpty ? "''" : name) is no Space's name",
                hint: "write owner/name, each " + SpaceID.rule)
        }
        return space
    }

    /// Spaces that the settings name; a file that somebody else wrote gives nobody an owner.
    private func spaces(called name: String) -> [SpaceID] {
        let own = layers.filter { $0.standing != .foreign }.flatMap(\.entries)
        let named = own.filter { $0.section == "space" }.compactMap { $0.subsection.flatMap { SpaceID($0) } }
        return Set(named.filter { $0.name.lowercased() == name.lowercased() }).sorted()
    }
}

import DeploySettings
import Reporting
import SpacesModel

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
        resolved.notes += settings.notes.filter { !resolved.notes.contains($0) }
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

    /// The one Space of a command that takes one.
    /// - Throws: kind `settings` for what a travelling file may not say of it.
    func onlyTarget() throws(Failure) -> Target {
        if let refused = chosen.refused.first { throw refused.failure }
        guard let target = chosen.targets.first else { throw Failure(.usage, "no Space is named") }
        return target
    }
}

extension LoadedSettings {
    func checkouts(of targets: [Target]) -> [SpaceID: Checkout] {
        Dictionary(
            targets.compactMap { target in Checkout(home?.top, target).map { (target.space, $0) } },
            uniquingKeysWith: { $1 })
    }
}

import DeploySettings
import Reporting
import SpacesModel

/// Layers as they are read, and what they amount to.
struct ResolvedSettings: Sendable {
    let currentRepository: CurrentRepository?
    var layers: [ConfigLayer] = []
    var warnings: [SettingError] = []
    var operators = OperatorSettings()
    var targets: [Target] = []
    /// Spaces of which a travelling file says what it may not.
    var refused: [RejectedTarget] = []
    /// Spaces that the command line names, in its order.
    var named: [SpaceID] = []
    /// What is worth a line, and no warning.
    var notes: [String] = []
    /// Where among the layers the travelling file of another repository goes: under `--config` and flags.
    var sourceLayerIndex = 0
    /// How a line that changes the operator's settings begins.
    var editCommand = "git config"
    /// Who a Space written as `name` alone belongs to.
    private(set) var owner: String?

    init(currentRepository: CurrentRepository?) { self.currentRepository = currentRepository }

    mutating func add(_ file: SettingsFile?) throws(DeployError) {
        guard let file else { return }
        layers.append(file.layer)
        warnings += file.warnings
    }

    mutating func add(travelling bytes: [UInt8], _ name: String, _ trustLevel: TrustLevel) throws(DeployError)
    {
        try add(try SettingsFile(bytes, origin: .sourceFile(name), trustLevel: trustLevel))
    }

    /// - Throws: kind `usage` for a name that is no Space's, `settings` with all problems at once.
    func resolved(_ names: [String], owner: String?) throws(DeployError) -> ResolvedSettings {
        var resolved = self
        resolved.owner = owner
        for name in names {
            let space = try space(name, owner: owner)
            if !resolved.named.contains(space) { resolved.named.append(space) }
        }
        return try resolved.finalized(owner: owner)
    }

    /// The same layers, for something that the command line does not name.
    func selecting(_ space: SpaceID) throws(DeployError) -> ResolvedSettings {
        var changed = self
        changed.named = [space]
        return try changed.finalized(owner: nil)
    }

    private func finalized(owner: String?) throws(DeployError) -> ResolvedSettings {
        var resolved = self
        let settings = Settings(layers: layers, named: named, owner: owner)
        guard settings.errors.isEmpty else { throw .settings(settings.errors) }
        (resolved.operators, resolved.targets) = (settings.operatorSettings, settings.targets)
        resolved.refused = settings.rejected
        resolved.notes += settings.notices.filter { !resolved.notes.contains($0) }
        return resolved
    }

    /// Says what is odd about the settings, before anything else.
    func logWarnings(_ reporter: any Reporter) {
        notes.forEach { reporter.info("note: \($0)") }
        warnings.forEach { reporter.warn($0.description) }
    }

    /// What a run is about: the Spaces that are named, else all but manual ones.
    var selected: (targets: [Target], refused: [RejectedTarget]) {
        guard !named.isEmpty else {
            return (targets.filter { !$0.manual }, refused.filter { !$0.manual })
        }
        let chosen = named.compactMap { space in targets.first { $0.space == space } }
        return (chosen, refused.filter { named.contains($0.space) })
    }

    /// The one Space of a command that takes one.
    /// - Throws: kind `settings` for what a travelling file may not say of it.
    func onlyTarget() throws(DeployError) -> Target {
        if let refused = selected.refused.first { throw refused.failure }
        guard let target = selected.targets.first else { throw DeployError(.usage, "no Space is named") }
        return target
    }
}

extension ResolvedSettings {
    func checkouts(of targets: [Target]) -> [SpaceID: WorkflowCheckout] {
        Dictionary(
            targets.compactMap { target in
                WorkflowCheckout(currentRepository?.top, target).map { (target.space, $0) }
            },
            uniquingKeysWith: { $1 })
    }
}

import DeploySettings
import Reporting
import SpacesModel

/// The layers of settings and the targets resolved from them.
struct ResolvedSettings: Sendable {
    let currentRepository: CurrentRepository?
    var layers: [ConfigLayer] = []
    var warnings: [SettingError] = []
    var operators = OperatorSettings()
    var targets: [Target] = []
    /// Targets rejected because an untrusted .spacesync file sets what it must not.
    var refused: [RejectedTarget] = []
    /// The Spaces named on the command line, in its order.
    var named: [SpaceID] = []
    /// Informational messages, less severe than warnings.
    var notes: [String] = []
    /// The position of the layer for another repository's .spacesync: below `--config` and flags.
    var sourceLayerIndex = 0
    /// The start of commands that change the operator's settings.
    var editCommand = "git config"
    /// The owner of Spaces that are written as `name` alone.
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

    /// - Throws: kind `usage` if a name is not valid for a Space, `settings` with all problems at
    /// once.
    func resolved(_ names: [String], owner: String?) throws(DeployError) -> ResolvedSettings {
        var resolved = self
        resolved.owner = owner
        for name in names {
            let space = try space(name, owner: owner)
            if !resolved.named.contains(space) { resolved.named.append(space) }
        }
        return try resolved.finalized(owner: owner)
    }

    /// Returns the same layers, resolved for one Space only.
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

    /// Prints notes and warnings about the settings.
    func logWarnings(_ reporter: any Reporter) {
        notes.forEach { reporter.info("note: \($0)") }
        warnings.forEach { reporter.warn($0.description) }
    }

    /// The targets of a run: the named Spaces, or all that are not manual.
    var selected: (targets: [Target], refused: [RejectedTarget]) {
        guard !named.isEmpty else {
            return (targets.filter { !$0.manual }, refused.filter { !$0.manual })
        }
        let namedTargets = named.compactMap { space in targets.first { $0.space == space } }
        return (namedTargets, refused.filter { named.contains($0.space) })
    }

    /// Returns the target of a command that takes one Space.
    /// - Throws: kind `settings` if the target was rejected.
    func onlyTarget() throws(DeployError) -> Target {
        if let rejected = selected.refused.first { throw rejected.failure }
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

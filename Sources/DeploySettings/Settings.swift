import GitPatterns
import SpacesModel
import TextTools

/// All settings of a run; every value has been accepted by the trust policy.
package struct Settings: Sendable {
    package var operatorSettings: OperatorSettings
    /// The Spaces to deploy, sorted by Space.
    package var targets: [Target]
    /// Spaces for which a source's settings file contains settings it may not set, sorted by Space.
    /// None of these Spaces is in `targets`.
    package var rejected: [RejectedTarget]
    package var errors: [SettingError]
    /// Notices about settings of a source's file that are ignored without an error.
    package var notices: [String]

    /// - Parameters:
    ///   - layers: In the order of design.md 3; flags (`SettingOrigin.flag`) apply to every target.
    ///   - named: Spaces named on the command line: targets even without a section.
    ///   - owner: The owner of a Space that is written as `name` alone.
    package init(layers: [ConfigLayer], named: [SpaceID] = [], owner: String? = nil) {
        var reader = SettingsReader(layers: layers, named: named, owner: owner)
        reader.readSections()
        reader.readOperators()
        reader.readTargets()
        (operatorSettings, targets, errors) = (reader.operatorSettings, reader.targets, reader.errors)
        notices = reader.notices
        rejected = reader.rejected.values.sorted { $0.space < $1.space }
    }
}

private struct SettingsReader {
    let layers: [ConfigLayer]
    let named: [SpaceID]
    let owner: String?
    var operatorSettings = OperatorSettings()
    var targets: [Target] = []
    var rejected: [SpaceID: RejectedTarget] = [:]
    var errors: [SettingError] = []
    var notices: [String] = []
    var sections: [SpaceID: [TrustedSetting]] = [:]
    var spellings: [SpaceID: (text: String, origin: SettingOrigin)] = [:]
    var defaults: [TrustedSetting] = []
    var flags: [TrustedSetting] = []

    init(layers: [ConfigLayer], named: [SpaceID], owner: String?) {
        (self.layers, self.named, self.owner) = (layers, named, owner)
    }

    mutating func readOperators() {
        let policy = TrustPolicy(allowsSpace: { _ in true })
        for layer in layers where layer.trustLevel == .trusted {
            for setting in policy.evaluate(layer).trusted where setting.entry.section != "space" {
                if let error = applyOperatorSetting(setting) { errors.append(error) }
            }
        }
    }

    /// Reports unknown sections.
    mutating func readSections() {
        let known = ["space"] + OperatorSettings.sections
        for layer in layers {
            // A repository's own configuration contains Git's sections, too.
            if case .repository = layer.origin { continue }
            for entry in layer.entries where !known.contains(entry.section) {
                let name = entry.section + (entry.subsection.map { " \"\($0)\"" } ?? "")
                let isReported = errors.contains { $0.origin == layer.origin && $0.key == "[\(name)]" }
                guard !isReported else { continue }
                let similar = nearest(entry.section, among: known)
                errors.append(
                    SettingError(
                        layer.origin, line: entry.line, key: "[\(name)]", value: nil,
                        "is no section of these settings",
                        hint: similar.map { "did you mean [\($0)]?" }
                            ?? "a Space's begins with [space \"owner/name\"]"))
            }
        }
    }

    private mutating func applyOperatorSetting(_ setting: TrustedSetting) -> SettingError? {
        let isOperatorSection = OperatorSettings.sections.contains(setting.entry.section)
        return isOperatorSection ? operatorSettings.apply(setting) : nil
    }

    mutating func readTargets() {
        let policy = makeTrustPolicy()
        for layer in layers {
            let evaluation = policy.evaluate(layer)
            errors += evaluation.errors
            for entry in evaluation.overridden {
                let space = entry.subsection.map { " of \($0)" } ?? ""
                notices.append("branch\(space) of \(layer.origin) does not count: the settings here bind one")
            }
            for value in evaluation.rejected {
                rejected[value.space, default: .init(value.space)].record(value)
            }
            for value in evaluation.trusted where value.entry.section == "space" { collect(value) }
        }
        for space in Set(sections.keys).union(named).sorted() {
            let (target, targetErrors) = Target.read(
                space, defaults: defaults, named: (sections[space] ?? []) + flags)
            if rejected[space] == nil {
                targets.append(target.withSuggestion(suggestedSpace(space)))
            } else {
                rejected[space]?.apply(target)
            }
            errors += targetErrors.filter { !errors.contains($0) }
        }
    }

    /// Returns the configured Space with the most similar name, as a suggestion.
    /// `nil` if `space` has a section or no name is similar.
    private func suggestedSpace(_ space: SpaceID) -> Target.Sourced? {
        guard sections[space] == nil, !space.isFolder else { return nil }
        let known = sections.keys.sorted()
        guard let similar = nearest(space.description, among: known.map(\.description)),
            let found = known.first(where: { $0.description == similar }),
            let origin = spellings[found]?.origin
        else { return nil }
        return Target.Sourced(value: similar, origin: origin)
    }

    private mutating func collect(_ value: TrustedSetting) {
        if case .flag = value.origin { return flags.append(value) }
        guard let name = value.entry.subsection else { return defaults.append(value) }
        guard let space = spaceID(name) else {
            return report(value, name, "is no Space", "write [space \"owner/name\"]")
        }
        let known =
            sections.keys.first { $0.description.lowercased() == space.description.lowercased() } ?? space
        if let earlier = spellings[known], earlier.text != name {
            return report(value, name, "is \(earlier.text) of \(earlier.origin) in another spelling", nil)
        }
        spellings[known] = (name, value.origin)
        sections[known, default: []].append(value)
    }

    private func spaceID(_ name: String) -> SpaceID? { SpaceID(name, of: owner) }

    private mutating func report(_ value: TrustedSetting, _ name: String, _ message: String, _ hint: String?)
    {
        var error = SettingError(value.origin, key: "space \"\(name)\"", value: nil, message, hint: hint)
        guard !errors.contains(where: { $0.key == error.key && $0.message == message }) else { return }
        error.line = value.entry.line
        errors.append(error)
    }

    private func makeTrustPolicy() -> TrustPolicy {
        var (spaces, bound) = (Set(named), Set<SpaceID>()), bindsAll = false
        for layer in layers where layer.trustLevel == .trusted {
            let spaceEntries = layer.entries.filter { $0.section == "space" }
            spaces.formUnion(spaceEntries.compactMap { $0.subsection.flatMap(spaceID) })
            // A flag overrides all files anyway.
            if case .flag = layer.origin { continue }
            let bindings = spaceEntries.filter { $0.key == "branch" }
            bound.formUnion(bindings.compactMap { $0.subsection.flatMap(spaceID) })
            bindsAll = bindsAll || bindings.contains { $0.subsection == nil }
        }
        let patterns = PatternList(operatorSettings.allowedSpaces)
        return TrustPolicy(
            allowsSpace: { [spaces] space in
                spaces.contains(space) || patterns.includes(Path(space.description), isDirectory: false)
            },
            bindsBranch: { [bound, bindsAll] space in bindsAll || space.map(bound.contains) == true },
            trustedKeys: operatorSettings.trustedKeys, owner: owner)
    }
}

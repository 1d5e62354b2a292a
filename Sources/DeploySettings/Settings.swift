import GitPatterns
import SpacesModel
import TextTools

/// All settings of a run, each value vetted by the gate of trust.
package struct Settings: Sendable {
    package var operatorSettings: OperatorSettings
    /// Sorted by Space.
    package var targets: [Target]
    /// Spaces of which a travelling file says what it may not; none of them is a target. Sorted by Space.
    package var rejected: [RejectedTarget]
    package var errors: [SettingError]
    /// What of a travelling file does not count, and is no fault.
    package var notices: [String]

    /// - Parameters:
    ///   - layers: in the order of design 3; flags (`SettingOrigin.flag`) apply to every target.
    ///   - named: Spaces named on the command line: targets even without a section.
    ///   - owner: who a Space written as `name` alone belongs to.
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
        let open = TrustPolicy(allowsSpace: { _ in true })
        for layer in layers where layer.trustLevel == .trusted {
            for admitted in open.evaluate(layer).trusted where admitted.entry.section != "space" {
                if let problem = applyOperatorSetting(admitted) { errors.append(problem) }
            }
        }
    }

    /// Finds sections that nothing reads.
    mutating func readSections() {
        let known = ["space"] + OperatorSettings.sections
        for layer in layers {
            // A repository's own configuration holds Git's sections too.
            if case .repository = layer.origin { continue }
            for entry in layer.entries where !known.contains(entry.section) {
                let name = entry.section + (entry.subsection.map { " \"\($0)\"" } ?? "")
                let isSaid = errors.contains { $0.origin == layer.origin && $0.key == "[\(name)]" }
                guard !isSaid else { continue }
                let near = nearest(entry.section, among: known)
                errors.append(
                    SettingError(
                        layer.origin, line: entry.line, key: "[\(name)]", value: nil,
                        "is no section of these settings",
                        hint: near.map { "did you mean [\($0)]?" }
                            ?? "a Space's begins with [space \"owner/name\"]"))
            }
        }
    }

    private mutating func applyOperatorSetting(_ admitted: TrustedSetting) -> SettingError? {
        let isOurs = OperatorSettings.sections.contains(admitted.entry.section)
        return isOurs ? operatorSettings.apply(admitted) : nil
    }

    mutating func readTargets() {
        let gate = makeTrustPolicy()
        for layer in layers {
            let sorted = gate.evaluate(layer)
            errors += sorted.errors
            for entry in sorted.overridden {
                let space = entry.subsection.map { " of \($0)" } ?? ""
                notices.append("branch\(space) of \(layer.origin) does not count: the settings here bind one")
            }
            for value in sorted.rejected { rejected[value.space, default: .init(value.space)].record(value) }
            for value in sorted.trusted where value.entry.section == "space" { collect(value) }
        }
        for space in Set(sections.keys).union(named).sorted() {
            let (target, found) = Target.read(
                space, defaults: defaults, named: (sections[space] ?? []) + flags)
            if rejected[space] == nil {
                targets.append(target.withSuggestion(suggestedSpace(space)))
            } else {
                rejected[space]?.apply(target)
            }
            errors += found.filter { !errors.contains($0) }
        }
    }

    /// Which Space of the settings may be meant by one that they do not name.
    private func suggestedSpace(_ space: SpaceID) -> Target.Sourced? {
        guard sections[space] == nil, !space.isFolder else { return nil }
        let known = sections.keys.sorted()
        guard let near = nearest(space.description, among: known.map(\.description)),
            let found = known.first(where: { $0.description == near }), let origin = spellings[found]?.origin
        else { return nil }
        return Target.Sourced(value: near, origin: origin)
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
        var problem = SettingError(value.origin, key: "space \"\(name)\"", value: nil, message, hint: hint)
        guard !errors.contains(where: { $0.key == problem.key && $0.message == message }) else { return }
        problem.line = value.entry.line
        errors.append(problem)
    }

    private func makeTrustPolicy() -> TrustPolicy {
        var (spaces, bound) = (Set(named), Set<SpaceID>()), bindsAll = false
        for layer in layers where layer.trustLevel == .trusted {
            let own = layer.entries.filter { $0.section == "space" }
            spaces.formUnion(own.compactMap { $0.subsection.flatMap(spaceID) })
            // A flag goes over all files anyway.
            if case .flag = layer.origin { continue }
            let bindings = own.filter { $0.key == "branch" }
            bound.formUnion(bindings.compactMap { $0.subsection.flatMap(spaceID) })
            bindsAll = bindsAll || bindings.contains { $0.subsection == nil }
        }
        let patterns = PatternList(operatorSettings.allowedSpaces)
        return TrustPolicy(
            allowsSpace: { [spaces] space in
                // An empty list names nothing here, though as an `include` it would mean everything.
                if spaces.contains(space) { return true }
                return !patterns.isEmpty && patterns.includes(Path(space.description), isDirectory: false)
            },
            bindsBranch: { [bound, bindsAll] space in bindsAll || space.map(bound.contains) == true },
            trustedKeys: operatorSettings.trustedKeys, owner: owner)
    }
}

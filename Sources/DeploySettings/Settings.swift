import GitPatterns
import SpacesModel
import TextTools

/// All settings of a run; every value has been accepted by the trust policy.
package struct Settings: Sendable {
    package private(set) var operatorSettings = OperatorSettings()
    /// The Spaces to deploy, sorted by Space.
    package private(set) var targets: [Target] = []
    /// Spaces for which a source's settings file contains settings it may not set, sorted by Space.
    /// None of these Spaces is in `targets`.
    package private(set) var rejected: [RejectedTarget] = []
    /// The Spaces named on the command line, in its order.
    package let named: [SpaceID]
    /// The targets of the run: the named Spaces in the order of their names, or all that are not manual.
    package private(set) var selected: (targets: [Target], refused: [RejectedTarget]) = ([], [])
    package private(set) var errors: [SettingError] = []
    /// Notices about settings of a source's file that are ignored without an error.
    package private(set) var notices: [String] = []

    /// - Parameters:
    ///   - layers: In the order of design.md 3; flags (`SettingOrigin.flag`) apply to every target.
    ///   - named: Spaces named on the command line: targets even without a section.
    ///   - owner: The owner of a Space that is written as `name` alone.
    package init(layers: [ConfigLayer], named: [SpaceID] = [], owner: String? = nil) {
        self.named = named
        addUnknownSectionErrors(layers)
        readOperatorSettings(layers)
        let policy = trustPolicy(layers, named, owner)
        var sections = SpaceSections(owner: owner)
        var rejected: [SpaceID: RejectedTarget] = [:]
        for layer in layers {
            let evaluation = policy.evaluate(layer)
            errors += evaluation.errors
            for entry in evaluation.overridden {
                let space = entry.subsection.map { " of \($0)" } ?? ""
                notices.append(
                    "branch\(space) in \(layer.origin) is ignored: the operator's settings set the branch")
            }
            for setting in evaluation.rejected {
                rejected[setting.space, default: .init(setting.space)].record(setting)
            }
            for setting in evaluation.trusted where setting.entry.section == "space" {
                if let error = sections.add(setting) { addSectionError(error) }
            }
        }
        for space in sections.spaces.union(named).sorted() {
            let reader = TargetReader(space, sections.settings(of: space))
            if rejected[space] == nil {
                var target = reader.target
                target.suggestion = sections.suggestion(for: space)
                targets.append(target)
            } else {
                rejected[space]?.apply(reader.target)
            }
            errors += reader.errors.filter { !errors.contains($0) }
        }
        self.rejected = rejected.values.sorted { $0.space < $1.space }
        selected =
            named.isEmpty
            ? (targets.filter { !$0.manual }, self.rejected.filter { !$0.manual })
            : (
                named.compactMap { space in targets.first { $0.space == space } },
                self.rejected.filter { named.contains($0.space) }
            )
    }

    /// - Throws: Kind `settings`, with all errors at once.
    package func throwIfInvalid() throws(DeployError) {
        guard errors.isEmpty else { throw SettingError.failure(errors) }
    }

    private mutating func readOperatorSettings(_ layers: [ConfigLayer]) {
        let policy = TrustPolicy(allowsSpace: { _ in true })
        for layer in layers where layer.trustLevel == .trusted {
            for setting in policy.evaluate(layer).trusted {
                if let error = operatorSettings.apply(setting) { errors.append(error) }
            }
        }
    }

    private mutating func addUnknownSectionErrors(_ layers: [ConfigLayer]) {
        let known = ["space"] + OperatorSettings.Section.allCases.map(\.rawValue)
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
                        "unknown section",
                        hint: similar.map { "did you mean [\($0)]?" }
                            ?? "use [space \"owner/name\"]"))
            }
        }
    }

    /// Adds the error of a section's name, once for all its settings.
    private mutating func addSectionError(_ error: SettingError) {
        guard !errors.contains(where: { $0.key == error.key && $0.message == error.message }) else { return }
        errors.append(error)
    }

    /// Returns the policy for files that came with a source: the operator's layers name the Spaces
    /// that such a file may configure, and the branches that it may not.
    private func trustPolicy(_ layers: [ConfigLayer], _ named: [SpaceID], _ owner: String?) -> TrustPolicy {
        var (spaces, bound) = (Set(named), Set<SpaceID>()), bindsAll = false
        for layer in layers where layer.trustLevel == .trusted {
            let entries = layer.entries.filter { $0.section == "space" }
            spaces.formUnion(entries.compactMap { $0.subsection.flatMap { SpaceID($0, of: owner) } })
            // A flag overrides all files anyway.
            if layer.origin.isFlag { continue }
            let bindings = entries.filter { SettingKey.named($0.key)?.bindsBranch == true }
            bound.formUnion(bindings.compactMap { $0.subsection.flatMap { SpaceID($0, of: owner) } })
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

/// The accepted settings of all `[space]` sections, by Space.
private struct SpaceSections {
    /// The owner of a Space that is written as `name` alone.
    let owner: String?
    private var sections: [SpaceID: [TrustedSetting]] = [:]
    private var spellings: [SpaceID: (text: String, origin: SettingOrigin)] = [:]
    private var defaults: [TrustedSetting] = []
    private var flags: [TrustedSetting] = []

    init(owner: String?) { self.owner = owner }

    var spaces: Set<SpaceID> { Set(sections.keys) }

    /// Returns the settings that apply to a Space: the defaults first, flags last.
    func settings(of space: SpaceID) -> [TrustedSetting] { defaults + (sections[space] ?? []) + flags }

    /// - Returns: An error if the name of the section is not valid.
    mutating func add(_ setting: TrustedSetting) -> SettingError? {
        if setting.isFlag {
            flags.append(setting)
            return nil
        }
        guard let name = setting.entry.subsection else {
            defaults.append(setting)
            return nil
        }
        guard let space = SpaceID(name, of: owner) else {
            return error(setting, name, "is not a valid Space name", "use [space \"owner/name\"]")
        }
        let known =
            sections.keys.first { $0.description.lowercased() == space.description.lowercased() } ?? space
        if let earlier = spellings[known], earlier.text != name {
            return error(setting, name, "is another spelling of \(earlier.text) in \(earlier.origin)", nil)
        }
        spellings[known] = (name, setting.origin)
        sections[known, default: []].append(setting)
        return nil
    }

    private func error(_ setting: TrustedSetting, _ name: String, _ message: String, _ hint: String?)
        -> SettingError
    {
        SettingError(
            setting.origin, line: setting.entry.line, key: "space \"\(name)\"", value: nil, message,
            hint: hint)
    }

    /// Returns the configured Space with the most similar name, as a suggestion.
    /// `nil` if `space` has a section or no name is similar.
    func suggestion(for space: SpaceID) -> Target.Sourced? {
        guard sections[space] == nil, !space.isFolder else { return nil }
        let known = sections.keys.sorted()
        guard let similar = nearest(space.description, among: known.map(\.description)),
            let found = known.first(where: { $0.description == similar }),
            let origin = spellings[found]?.origin
        else { return nil }
        return Target.Sourced(value: similar, origin: origin)
    }
}

import SpacesModel

/// A setting that the trust policy has accepted. Settings are built only from these.
struct TrustedSetting: Hashable, Sendable {
    let entry: ConfigEntry
    let origin: SettingOrigin
    let trustLevel: TrustLevel

    fileprivate init(_ entry: ConfigEntry, _ layer: ConfigLayer) {
        (self.entry, origin, trustLevel) = (entry, layer.origin, layer.trustLevel)
    }

    var isFlag: Bool { origin.isFlag }
}

/// The rules that decide which settings of a source's settings file are accepted.
struct TrustPolicy: Sendable {
    /// Returns whether the operator names the Space, by a section, a flag or `spacesync.allowSpace`.
    var allowsSpace: @Sendable (SpaceID) -> Bool
    /// Returns whether the operator binds a branch to the Space; `nil` stands for the defaults of
    /// all Spaces. Only the operator decides which branch deploys to a Space. Otherwise anybody who
    /// may push any branch could deploy it to the Space of a protected branch.
    var bindsBranch: @Sendable (SpaceID?) -> Bool
    /// Operational keys that `spacesync.trust` allows in the settings file of a source, lower case.
    var trustedKeys: Set<String>
    /// The owner of a Space that is written as `name` alone.
    var owner: String?

    init(
        allowsSpace: @escaping @Sendable (SpaceID) -> Bool,
        bindsBranch: @escaping @Sendable (SpaceID?) -> Bool = { _ in false }, trustedKeys: Set<String> = [],
        owner: String? = nil
    ) {
        (self.allowsSpace, self.bindsBranch) = (allowsSpace, bindsBranch)
        (self.trustedKeys, self.owner) = (trustedKeys, owner)
    }

    /// The settings of one layer, split into accepted, rejected and overridden ones.
    struct TrustEvaluation {
        var trusted: [TrustedSetting] = []
        /// Errors that concern the whole layer.
        var errors: [SettingError] = []
        /// Settings that are rejected for one Space. The other Spaces are deployed nevertheless.
        var rejected: [RejectedSetting] = []
        /// Settings that the operator also sets, so that the value of the source's file is ignored.
        var overridden: [ConfigEntry] = []
    }

    /// A setting of a source's settings file that is rejected.
    struct RejectedSetting: Hashable, Sendable {
        var space: SpaceID
        var entry: ConfigEntry
        var problem: SettingError
    }

    func evaluate(_ layer: ConfigLayer) -> TrustEvaluation {
        var evaluation = TrustEvaluation()
        for entry in layer.entries {
            let problems = trustErrors(to: entry, in: layer)
            if problems.isEmpty {
                if isOverridden(entry, in: layer) {
                    evaluation.overridden.append(entry)
                } else {
                    evaluation.trusted.append(TrustedSetting(entry, layer))
                }
            }
            for problem in problems {
                if layer.trustLevel == .untrusted, entry.section == "space", let space = space(of: entry) {
                    evaluation.rejected.append(RejectedSetting(space: space, entry: entry, problem: problem))
                } else if !evaluation.errors.contains(problem) {
                    evaluation.errors.append(problem)
                }
            }
        }
        return evaluation
    }

    private func space(of entry: ConfigEntry) -> SpaceID? {
        entry.subsection.flatMap { SpaceID($0, of: owner) }
    }

    private func isOverridden(_ entry: ConfigEntry, in layer: ConfigLayer) -> Bool {
        layer.trustLevel == .untrusted && entry.section == "space"
            && SettingKey.named(entry.key)?.bindsBranch == true && bindsBranch(space(of: entry))
    }

    private func trustErrors(to entry: ConfigEntry, in layer: ConfigLayer) -> [SettingError] {
        switch layer.trustLevel {
        case .trusted: []
        case .ownWorkTree:
            if isOperatorOnly(entry) {
                [rejection(of: entry, in: layer, allowedBy: operatorCommand(for: entry))]
            } else {
                referencesFile(entry) ? [rejection(ofFile: entry, in: layer)] : []
            }
        case .untrusted: untrustedSourceErrors(to: entry, in: layer)
        }
    }

    private func isOperatorOnly(_ entry: ConfigEntry) -> Bool {
        OperatorSettings.Section(rawValue: entry.section) != nil
            || entry.section == "space" && SettingKey.named(entry.key)?.privilege == .operatorOnly
    }

    /// The author of a source must not choose which files of this machine are sent to the Space.
    private func rejection(ofFile entry: ConfigEntry, in layer: ConfigLayer) -> SettingError {
        let key = SettingKey.named(entry.key)?.name ?? entry.key
        let section = entry.subsection.map { "space.\($0)" } ?? "space"
        return SettingError(
            layer.origin, line: entry.line, key: key, value: nil,
            "a file from the source cannot refer to files on this machine",
            hint: "set it in your own settings: git config --add \(Self.shellWord("\(section).\(key)")) "
                + Self.shellWord(entry.value ?? "")
        )
    }

    private func untrustedSourceErrors(to entry: ConfigEntry, in layer: ConfigLayer) -> [SettingError] {
        guard entry.section == "space" else {
            // Unknown sections are reported by `Settings`.
            let isKnown = OperatorSettings.Section(rawValue: entry.section) != nil
            return isKnown ? [rejection(of: entry, in: layer, allowedBy: operatorCommand(for: entry))] : []
        }
        // All errors at once, so that the operator can allow everything in one step.
        return [
            spaceError(to: entry, in: layer), keyError(to: entry, in: layer),
            fileError(to: entry, in: layer),
        ].compactMap { $0 }
    }

    private func spaceError(to entry: ConfigEntry, in layer: ConfigLayer) -> SettingError? {
        if let name = entry.subsection, let space = space(of: entry), !allowsSpace(space) {
            return SettingError(
                layer.origin, key: "space \"\(name)\"", value: nil,
                "a file from the source cannot configure this Space",
                hint: "git config --add spacesync.allowSpace \(space)")
        }
        return nil
    }

    private func keyError(to entry: ConfigEntry, in layer: ConfigLayer) -> SettingError? {
        // Unknown keys are reported by `TargetReader`.
        guard let key = SettingKey.named(entry.key) else { return nil }
        if key.privilege == .content || trustedKeys.contains(key.name.lowercased()) { return nil }
        return rejection(of: entry, in: layer, allowedBy: "git config --add spacesync.trust \(key.name)")
    }

    /// `spacesync.trust` of a key allows a source's file to name environment variables, but not files.
    private func fileError(to entry: ConfigEntry, in layer: ConfigLayer) -> SettingError? {
        guard let key = SettingKey.named(entry.key), trustedKeys.contains(key.name.lowercased()),
            referencesFile(entry)
        else {
            return nil
        }
        return rejection(ofFile: entry, in: layer)
    }

    /// Returns the command with which the operator sets a key. The value is left to the operator.
    private func operatorCommand(for entry: ConfigEntry) -> String {
        let key = entry.section == "space" ? SettingKey.named(entry.key)?.name ?? entry.key : entry.key
        let name = [entry.section, entry.subsection, key].compactMap { $0 }.joined(separator: ".")
        return "git config --add \(Self.shellWord(name)) VALUE"
    }

    private func rejection(of entry: ConfigEntry, in layer: ConfigLayer, allowedBy command: String)
        -> SettingError
    {
        let key = entry.section == "space" ? entry.key : "\(entry.section).\(entry.key)"
        return SettingError(
            layer.origin, line: entry.line, key: SettingKey.named(entry.key)?.name ?? key, value: nil,
            "a file from the source cannot set this key", hint: command)
    }

    /// Returns whether the value refers to a file: `NAME=file:PATH`, `NAME: Bearer file:PATH`.
    private func referencesFile(_ entry: ConfigEntry) -> Bool {
        guard entry.section == "space", let value = entry.value else { return false }
        return value.contains(SettingKey.named(entry.key)?.fileMarker ?? SettingKey.fileMarker)
    }

    /// Returns the text as a single shell word. The text is untrusted, and people copy the command it
    /// is part of.
    private static func shellWord(_ text: String) -> String {
        let isPlain = text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        return isPlain ? "'" + text.replacing("'", with: #"'\''"#) + "'" : "'…'"
    }
}

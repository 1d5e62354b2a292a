import SpacesModel

/// One place that settings come from, with its standing. Layers are merged in the order of design 3: the user's file,
/// the repository's own configuration, the travelling file, `--config`, flags.
package struct ConfigLayer: Hashable, Sendable {
    package var origin: SettingOrigin
    package var trustLevel: TrustLevel
    package var entries: [ConfigEntry]

    package init(_ origin: SettingOrigin, _ trustLevel: TrustLevel, _ entries: [ConfigEntry]) {
        (self.origin, self.trustLevel, self.entries) = (origin, trustLevel, entries)
    }
}

/// Where a value was written, as it is shown to people.
package enum SettingOrigin: Hashable, Sendable, CustomStringConvertible {
    case file(String)
    /// The repository's own Git configuration.
    case repository(String)
    /// A `.spacesync` that came with a source: `.spacesync` of the work tree, `.spacesync at 1a2b3c4`.
    case sourceFile(String)
    case flag(String)

    /// True for a file that came with a source.
    package var isFromSource: Bool { if case .sourceFile = self { true } else { false } }

    package var description: String {
        switch self {
        case .file(let name), .repository(let name), .sourceFile(let name): name
        case .flag(let name): name
        }
    }
}

/// How far a layer is trusted (design 3, "Trust").
package enum TrustLevel: Hashable, Sendable {
    /// Did not come with a source.
    case trusted
    /// Came with a source, and a person stands in its work tree: all but tokens, endpoint, cache and `file:`.
    case ownWorkTree
    /// Came with a source that somebody else may have written: composes, for Spaces that the operator named.
    case untrusted
}

/// A value that passed the gate of trust; the settings are made of these alone.
package struct TrustedSetting: Hashable, Sendable {
    package let entry: ConfigEntry
    package let origin: SettingOrigin
    package let trustLevel: TrustLevel

    fileprivate init(_ entry: ConfigEntry, _ layer: ConfigLayer) {
        (self.entry, origin, trustLevel) = (entry, layer.origin, layer.trustLevel)
    }
}

/// Decides which values of a travelling file count.
package struct TrustPolicy: Sendable {
    /// Spaces that the operator's side names, by a section, a flag or `spacesync.allowSpace`.
    package var allowsSpace: @Sendable (SpaceID) -> Bool
    /// Spaces to which the operator's side binds a branch; nil stands for the defaults of all. Which branch deploys to them
    /// is the operator's to say: else whoever may push any branch could deploy it to a protected one's Space.
    package var bindsBranch: @Sendable (SpaceID?) -> Bool
    /// Keys that `spacesync.trust` gives to travelling files.
    package var trustedKeys: Set<String>
    /// Who a Space written as `name` alone belongs to.
    package var owner: String?

    package init(
        allowsSpace: @escaping @Sendable (SpaceID) -> Bool,
        bindsBranch: @escaping @Sendable (SpaceID?) -> Bool = { _ in false }, trustedKeys: Set<String> = [],
        owner: String? = nil
    ) {
        (self.allowsSpace, self.bindsBranch) = (allowsSpace, bindsBranch)
        (self.trustedKeys, self.owner) = (trustedKeys, owner)
    }

    /// A layer, sorted by what counts of it.
    package struct TrustEvaluation {
        package var trusted: [TrustedSetting] = []
        /// What the whole file may not say.
        package var errors: [SettingError] = []
        /// What it may not say of one Space, which is that Space's alone to suffer.
        package var rejected: [RejectedSetting] = []
        /// What the operator's side says itself, and who wrote the file therefore not.
        package var overridden: [ConfigEntry] = []
    }

    /// One value of a travelling file that does not count.
    package struct RejectedSetting: Hashable, Sendable {
        package var space: SpaceID
        package var entry: ConfigEntry
        package var problem: SettingError
    }

    package func evaluate(_ layer: ConfigLayer) -> TrustEvaluation {
        var sorted = TrustEvaluation()
        for entry in layer.entries {
            let problems = trustErrors(to: entry, in: layer)
            if problems.isEmpty {
                if isOverridden(entry, in: layer) {
                    sorted.overridden.append(entry)
                } else {
                    sorted.trusted.append(TrustedSetting(entry, layer))
                }
            }
            for problem in problems {
                if layer.trustLevel == .untrusted, entry.section == "space", let space = space(of: entry) {
                    sorted.rejected.append(RejectedSetting(space: space, entry: entry, problem: problem))
                } else if !sorted.errors.contains(problem) {
                    sorted.errors.append(problem)
                }
            }
        }
        return sorted
    }

    private func space(of entry: ConfigEntry) -> SpaceID? {
        entry.subsection.flatMap { SpaceID($0, of: owner) }
    }

    private func isOverridden(_ entry: ConfigEntry, in layer: ConfigLayer) -> Bool {
        layer.trustLevel == .untrusted && entry.section == "space" && entry.key == "branch"
            && bindsBranch(space(of: entry))
    }

    private func trustErrors(to entry: ConfigEntry, in layer: ConfigLayer) -> [SettingError] {
        switch layer.trustLevel {
        case .trusted: []
        case .ownWorkTree:
            if isOperatorOnly(entry) {
                [rejection(of: entry, in: layer, allowedBy: operatorCommand(for: entry))]
            } else {
                entry.referencesFile ? [rejection(ofFile: entry, in: layer)] : []
            }
        case .untrusted: untrustedSourceErrors(to: entry, in: layer)
        }
    }

    private func isOperatorOnly(_ entry: ConfigEntry) -> Bool {
        if entry.section == "account" || entry.section == "source" { return true }
        return entry.section == "spacesync" || entry.section == "space" && entry.key.lowercased() == "notify"
    }

    /// Who wrote the file shall not choose what of this machine goes to the Space.
    private func rejection(ofFile entry: ConfigEntry, in layer: ConfigLayer) -> SettingError {
        let key = SettingKey.named(entry.key)?.name ?? entry.key
        let section = entry.subsection.map { "space.\($0)" } ?? "space"
        return SettingError(
            layer.origin, line: entry.line, key: key, value: nil,
            "a file that came with the source may not name files of this machine",
            hint: "put it into your own settings: git config --add \("\(section).\(key)".quotedForShell) "
                + (entry.value ?? "").quotedForShell
        )
    }

    private func untrustedSourceErrors(to entry: ConfigEntry, in layer: ConfigLayer) -> [SettingError] {
        guard entry.section == "space" else {
            // A section that nobody knows is named as such by the reader.
            let isKnown = OperatorSettings.sections.contains(entry.section)
            return isKnown ? [rejection(of: entry, in: layer, allowedBy: operatorCommand(for: entry))] : []
        }
        // All at once, so that all that would have to be allowed can be.
        return [
            spaceError(to: entry, in: layer), keyError(to: entry, in: layer),
            fileError(to: entry, in: layer),
        ].compactMap { $0 }
    }

    private func spaceError(to entry: ConfigEntry, in layer: ConfigLayer) -> SettingError? {
        if let name = entry.subsection, let space = space(of: entry), !allowsSpace(space) {
            return SettingError(
                layer.origin, key: "space \"\(name)\"", value: nil,
                "a file that came with the source may not name this Space",
                hint: "git config --add spacesync.allowSpace \(space)")
        }
        return nil
    }

    private func keyError(to entry: ConfigEntry, in layer: ConfigLayer) -> SettingError? {
        // Unknown keys are reported where the layer is read.
        guard let key = SettingKey.named(entry.key) else { return nil }
        if key.privilege == .content || trustedKeys.contains(key.name.lowercased()) { return nil }
        return rejection(of: entry, in: layer, allowedBy: "git config --add spacesync.trust \(key.name)")
    }

    /// `spacesync.trust` of a key lets a file from elsewhere name variables of the environment, but no files.
    private func fileError(to entry: ConfigEntry, in layer: ConfigLayer) -> SettingError? {
        guard let key = SettingKey.named(entry.key), trustedKeys.contains(key.name.lowercased()),
            entry.referencesFile
        else {
            return nil
        }
        return rejection(ofFile: entry, in: layer)
    }

    /// The line that sets an operator's key in the operator's own settings. The value is left to the operator.
    private func operatorCommand(for entry: ConfigEntry) -> String {
        let key = entry.section == "space" ? SettingKey.named(entry.key)?.name ?? entry.key : entry.key
        let name = [entry.section, entry.subsection, key].compactMap { $0 }.joined(separator: ".")
        return "git config --add \(name.quotedForShell) VALUE"
    }

    private func rejection(of entry: ConfigEntry, in layer: ConfigLayer, allowedBy line: String?)
        -> SettingError
    {
        let key = entry.section == "space" ? entry.key : "\(entry.section).\(entry.key)"
        return SettingError(
            layer.origin, line: entry.line, key: SettingKey.named(entry.key)?.name ?? key, value: nil,
            "a file that came with the source may not set this", hint: line)
    }
}

extension ConfigEntry {
    /// `NAME=file:PATH`, `NAME: Bearer file:PATH`
    fileprivate var referencesFile: Bool {
        guard section == "space", let value else { return false }
        let isHeader = SettingKey.named(key)?.name == "probeHeader"
        return value.contains("=file:") || isHeader && value.contains("file:")
    }
}

extension String {
    /// One word of a shell's command line, whatever is in it: a person copies these lines.
    /// One word of a shell's command line: the text is from outside, and somebody copies the line.
    fileprivate var quotedForShell: String {
        let isPlain = unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        return isPlain ? "'" + replacing("'", with: #"'\''"#) + "'" : "'…'"
    }
}

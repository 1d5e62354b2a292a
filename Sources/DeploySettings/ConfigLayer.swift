import SpacesModel

/// A source of settings, with its trust level. Layers are merged in the order of design.md 3: the
/// user's file, the repository's own configuration, the `.spacesync` of the source, `--config`, flags.
package struct ConfigLayer: Hashable, Sendable {
    package var origin: SettingOrigin
    package var trustLevel: TrustLevel
    package var entries: [ConfigEntry]
    /// Lines that Git reads differently from how they look.
    package var warnings: [SettingError]

    package init(
        _ origin: SettingOrigin, _ trustLevel: TrustLevel, _ entries: [ConfigEntry],
        warnings: [SettingError] = []
    ) {
        (self.origin, self.trustLevel, self.entries) = (origin, trustLevel, entries)
        self.warnings = warnings
    }
}

/// The origin of a setting, as it is shown in messages.
package enum SettingOrigin: Hashable, Sendable, CustomStringConvertible {
    case file(String)
    /// The repository's own Git configuration.
    case repository(String)
    /// A `.spacesync` that came with a source: `.spacesync` of the working tree, `.spacesync at 1a2b3c4`.
    case sourceFile(String)
    case flag(String)

    /// Whether the origin is a file that came with a source.
    package var isFromSource: Bool { if case .sourceFile = self { true } else { false } }

    package var isFlag: Bool { if case .flag = self { true } else { false } }

    package var description: String {
        switch self {
        case .file(let name), .repository(let name), .sourceFile(let name), .flag(let name): name
        }
    }

    /// Returns `FILE:LINE`, or `FILE at COMMIT, line LINE`; without a line for origins that are not
    /// a single file.
    package func location(_ line: Int?) -> String {
        guard let line else { return description }
        switch self {
        case .file(let name): return "\(name):\(line)"
        case .sourceFile(let name):
            return name.contains(" ") ? "\(name), line \(line)" : "\(name):\(line)"
        case .repository, .flag: return description
        }
    }
}

/// The degree to which a layer is trusted (design.md 3, "Trust").
package enum TrustLevel: Hashable, Sendable {
    /// Did not come with a source: may set everything.
    case trusted
    /// Came with a source, and spacesync runs in that source's working tree: may set everything
    /// except tokens, endpoint, cache and `file:` references.
    case ownWorkTree
    /// Came with a source that somebody else may have written: may set content keys, for Spaces
    /// that the operator named.
    case untrusted
}

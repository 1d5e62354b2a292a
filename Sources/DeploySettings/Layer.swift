import SpacesModel

/// One place that settings come from, with its standing. Layers are merged in the order of design 3: the user's file,
/// the repository's own configuration, the travelling file, `--config`, flags.
package struct Layer: Hashable, Sendable {
    package var origin: SettingOrigin
    package var standing: Standing
    package var entries: [ConfigEntry]

    package init(_ origin: SettingOrigin, _ standing: Standing, _ entries: [ConfigEntry]) {
        (self.origin, self.standing, self.entries) = (origin, standing, entries)
    }
}

/// Where a value was written, as it is shown to people.
package enum SettingOrigin: Hashable, Sendable, CustomStringConvertible {
    case file(String)
    /// The repository's own Git configuration.
    case repository(String)
    /// A `.spacesync` that came with a source: `.spacesync` of the work tree, `.spacesync at 1a2b3c4`.
    case travelling(String)
    case flag(String)

    /// True for a file that came with a source.
    package var isTravelling: Bool { if case .travelling = self { true } else { false } }

    package var description: String {
        switch self {
        case .file(let name), .repository(let name), .travelling(let name): name
        case .flag(let name): name
        }
    }
}

/// How far a layer is trusted (design 3, "Trust").
package enum Standing: Hashable, Sendable {
    /// Did not come with a source.
    case operating
    /// Came with a source, and a person stands in its work tree: all but tokens, endpoint, cache and `file:`.
    case ownWorkTree
    /// Came with a source that somebody else may have written: composes, for Spaces that the operator named.
    case foreign
}

/// A value that passed the gate of trust; the settings are made of these alone.
package struct Admitted: Hashable, Sendable {
    package let entry: ConfigEntry
    package let origin: SettingOrigin
    package let standing: Standing

    fileprivate init(_ entry: ConfigEntry, _ layer: Layer) {
        (self.entry, origin, standing) = (entry, layer.origin, layer.standing)
    }
}

/// Decides which values of a travelling file count.
package struct TrustGate: Sendable {
    /// Spaces that the operator's side names, by a section, a flag or `spacesync.allowSpace`.
    package var allowsSpace: @Sendable (SpaceID) -> Bool
    /// Spaces to which the operator's side binds a branch; nil stands for the defaults of all. Which branch deploys to them
    /// is the operator's to say: else whoever may push any branch could deploy it to a protected one's Space.
    package var bindsBranch: @Sendable (SpaceID?) -> Bool
    /// Keys that `spacesync.trust` gives to travelling files.
    package var trusted: Set<String>
    /// Who a Space written as `name` alone belongs to.
    package var owner: String?

    package init(
        allowsSpace: @escaping @Sendable (SpaceID) -> Bool,
        bindsBranch: @escaping @Sendable (SpaceID?) -> Bool = { _ in false }, trusted: Set<String> = [],
        owner: String? = nil
    ) {
        (self.allowsSpace, self.bindsBranch) = (allowsSpace, bindsBranch)
        (self.trusted, self.owner) = (trusted, owner)
    }

    /// A layer, sorted by what counts of it.
    package struct Sorted {
        package var admitted: [Admitted] = []
        /// What the whole file may not say.
        package var problems: [Problem] = []
        /// What it may not say of one Space, which is that Space's alone to suffer.
        package var refused: [Refused] = []
        /// What the operator's side says itself, and who wrote the file therefore not.
        package var outranked: [ConfigEntry] = []
    }

    /// One value of a travelling file that does not count.
    package struct Refused: Hashable, Sendable {
        package var space: SpaceID
        package var entry: ConfigEntry
        package var problem: Problem
    }

    package func admit(_ layer: Layer) -> Sorted {
        var sorted = Sorted()
        for entry in layer.entries {
            let problems = objections(to: entry, in: layer)
            if problems.isEmpty {
                if isOutranked(entry, in: layer) {
                    sorted.outranked.append(entry)
                } else {
                    sorted.admitted.append(Admitted(entry, layer))
                }
            }
            for problem in problems {
                if layer.standing == .foreign, entry.section == "space", let space = space(of: entry) {
                    sorted.refused.append(Refused(space: space, entry: entry, problem: problem))
                } else if !sorted.problems.contains(problem) {
                    sorted.problems.append(problem)
                }
            }
        }
        return sorted
    }

    private func space(of entry: ConfigEntry) -> SpaceID? {
        entry.subsection.flatMap { SpaceID($0, of: owner) }
    }

    private func isOutranked(_ entry: ConfigEntry, in layer: Layer) -> Bool {
        layer.standing == .foreign && entry.section == "space" && entry.key == "branch"
            && bindsBranch(space(of: entry))
    }

    private func objections(to entry: ConfigEntry, in layer: Layer) -> [Problem] {
        switch layer.standing {
        case .operating: []
        case .ownWorkTree:
            if isOperatorsAlone(entry) {
                [refusal(of: entry, in: layer, allowedBy: operatorLine(for: entry))]
            } else {
                entry.namesFile ? [refusal(ofFile: entry, in: layer)] : []
            }
        case .foreign: foreignObjections(to: entry, in: layer)
        }
    }

    private func isOperatorsAlone(_ entry: ConfigEntry) -> Bool {
        if entry.section == "account" || entry.section == "source" { return true }
        return entry.section == "spacesync" || entry.section == "space" && entry.key.lowercased() == "notify"
    }

    /// Who wrote the file shall not choose what of this machine goes to the Space.
    private func refusal(ofFile entry: ConfigEntry, in layer: Layer) -> Problem {
        let key = Key.named(entry.key)?.name ?? entry.key
        let section = entry.subsection.map { "space.\($0)" } ?? "space"
        return Problem(
            layer.origin, line: entry.line, key: key, value: nil,
            "a file that came with the source may not name files of this machine",
            hint: "put it into your own settings: git config --add \("\(section).\(key)".quotedForShell) "
                + (entry.value ?? "").quotedForShell
        )
    }

    private func foreignObjections(to entry: ConfigEntry, in layer: Layer) -> [Problem] {
        guard entry.section == "space" else {
            // A section that nobody knows is named as such by the reader.
            let isKnown = OperatorSettings.sections.contains(entry.section)
            return isKnown ? [refusal(of: entry, in: layer, allowedBy: operatorLine(for: entry))] : []
        }
        // All at once, so that all that would have to be allowed can be.
        return [
            spaceObjection(to: entry, in: layer), keyObjection(to: entry, in: layer),
            fileObjection(to: entry, in: layer),
        ].compactMap { $0 }
    }

    private func spaceObjection(to entry: ConfigEntry, in layer: Layer) -> Problem? {
        if let name = entry.subsection, let space = space(of: entry), !allowsSpace(space) {
            return Problem(
                layer.origin, key: "space \"\(name)\"", value: nil,
                "a file that came with the source may not name this Space",
                hint: "git config --add spacesync.allowSpace \(space)")
        }
        return nil
    }

    private func keyObjection(to entry: ConfigEntry, in layer: Layer) -> Problem? {
        guard let key = Key.named(entry.key) else { return nil }  // unknown keys are named by the reader
        if key.privilege == .composes || trusted.contains(key.name.lowercased()) { return nil }
        return refusal(of: entry, in: layer, allowedBy: "git config --add spacesync.trust \(key.name)")
    }

    /// `spacesync.trust` of a key lets a file from elsewhere name variables of the environment, but no files.
    private func fileObjection(to entry: ConfigEntry, in layer: Layer) -> Problem? {
        guard let key = Key.named(entry.key), trusted.contains(key.name.lowercased()), entry.namesFile else {
            return nil
        }
        return refusal(ofFile: entry, in: layer)
    }

    /// The line that sets an operator's key in the operator's own settings. The value is left to the operator.
    private func operatorLine(for entry: ConfigEntry) -> String {
        let key = entry.section == "space" ? Key.named(entry.key)?.name ?? entry.key : entry.key
        let name = [entry.section, entry.subsection, key].compactMap { $0 }.joined(separator: ".")
        return "git config --add \(name.quotedForShell) VALUE"
    }

    private func refusal(of entry: ConfigEntry, in layer: Layer, allowedBy line: String?) -> Problem {
        let key = entry.section == "space" ? entry.key : "\(entry.section).\(entry.key)"
        return Problem(
            layer.origin, line: entry.line, key: Key.named(entry.key)?.name ?? key, value: nil,
            "a file that came with the source may not set this", hint: line)
    }
}

extension ConfigEntry {
    /// `NAME=file:PATH`, `NAME: Bearer file:PATH`
    fileprivate var namesFile: Bool {
        guard section == "space", let value else { return false }
        let isHeader = Key.named(key)?.name == "probeHeader"
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

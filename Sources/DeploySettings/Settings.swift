import GitPatterns
import SpacesModel
import TextTools

/// All settings of a run, each value vetted by the gate of trust.
package struct Settings: Sendable {
    package var operators: OperatorSettings
    /// Sorted by Space.
    package var targets: [Target]
    /// Spaces of which a travelling file says what it may not; none of them is a target. Sorted by Space.
    package var refused: [RefusedTarget]
    package var problems: [Problem]
    /// What of a travelling file does not count, and is no fault.
    package var notes: [String]

    /// - Parameters:
    ///   - layers: in the order of design 3; flags (`SettingOrigin.flag`) apply to every target.
    ///   - named: Spaces named on the command line: targets even without a section.
    ///   - owner: who a Space written as `name` alone belongs to.
    package init(layers: [Layer], named: [SpaceID] = [], owner: String? = nil) {
        var reader = SettingsReader(layers: layers, named: named, owner: owner)
        reader.readSections()
        reader.readOperators()
        reader.readTargets()
        (operators, targets, problems) = (reader.operators, reader.targets, reader.problems)
        notes = reader.notes
        refused = reader.refused.values.sorted { $0.space < $1.space }
    }
}

private struct SettingsReader {
    let layers: [Layer]
    let named: [SpaceID]
    let owner: String?
    var operators = OperatorSettings()
    var targets: [Target] = []
    var refused: [SpaceID: RefusedTarget] = [:]
    var problems: [Problem] = []
    var notes: [String] = []
    var sections: [SpaceID: [Admitted]] = [:]
    var spellings: [SpaceID: (text: String, origin: SettingOrigin)] = [:]
    var defaults: [Admitted] = []
    var flags: [Admitted] = []

    init(layers: [Layer], named: [SpaceID], owner: String?) {
        (self.layers, self.named, self.owner) = (layers, named, owner)
    }

    mutating func readOperators() {
        let open = TrustGate(allowsSpace: { _ in true })
        for layer in layers where layer.standing == .operating {
            for admitted in open.admit(layer).admitted where admitted.entry.section != "space" {
                if let problem = takeOperators(admitted) { problems.append(problem) }
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
                let isSaid = problems.contains { $0.origin == layer.origin && $0.key == "[\(name)]" }
                guard !isSaid else { continue }
                let near = nearest(entry.section, among: known)
                problems.append(
                    Problem(
                        layer.origin, line: entry.line, key: "[\(name)]", value: nil,
                        "is no section of these settings",
                        hint: near.map { "did you mean [\($0)]?" }
                            ?? "a Space's begins with [space \"owner/name\"]"))
            }
        }
    }

    private mutating func takeOperators(_ admitted: Admitted) -> Problem? {
        let isOurs = OperatorSettings.sections.contains(admitted.entry.section)
        return isOurs ? operators.take(admitted) : nil
    }

    mutating func readTargets() {
        let gate = trustGate()
        for layer in layers {
            let sorted = gate.admit(layer)
            problems += sorted.problems
            for entry in sorted.outranked {
                let space = entry.subsection.map { " of \($0)" } ?? ""
                notes.append("branch\(space) of \(layer.origin) does not count: the settings here bind one")
            }
            for value in sorted.refused { refused[value.space, default: .init(value.space)].take(value) }
            for value in sorted.admitted where value.entry.section == "space" { sort(value) }
        }
        for space in Set(sections.keys).union(named).sorted() {
            let (target, found) = Target.read(
                space, defaults: defaults, named: (sections[space] ?? []) + flags)
            if refused[space] == nil {
                targets.append(target.meant(likely(space)))
            } else {
                refused[space]?.take(target)
            }
            problems += found.filter { !problems.contains($0) }
        }
    }

    /// Which Space of the settings may be meant by one that they do not name.
    private func likely(_ space: SpaceID) -> Target.Located? {
        guard sections[space] == nil, !space.isFolder else { return nil }
        let known = sections.keys.sorted()
        guard let near = nearest(space.description, among: known.map(\.description)),
            let found = known.first(where: { $0.description == near }), let origin = spellings[found]?.origin
        else { return nil }
        return Target.Located(value: near, origin: origin)
    }

    private mutating func sort(_ value: Admitted) {
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

    private mutating func report(_ value: Admitted, _ name: String, _ message: String, _ hint: String?) {
        var problem = Problem(value.origin, key: "space \"\(name)\"", value: nil, message, hint: hint)
        guard !problems.contains(where: { $0.key == problem.key && $0.message == message }) else { return }
        problem.line = value.entry.line
        problems.append(problem)
    }

    private func trustGate() -> TrustGate {
        var (spaces, bound) = (Set(named), Set<SpaceID>()), bindsAll = false
        for layer in layers where layer.standing == .operating {
            let own = layer.entries.filter { $0.section == "space" }
            spaces.formUnion(own.compactMap { $0.subsection.flatMap(spaceID) })
            // A flag goes over all files anyway.
            if case .flag = layer.origin { continue }
            let bindings = own.filter { $0.key == "branch" }
            bound.formUnion(bindings.compactMap { $0.subsection.flatMap(spaceID) })
            bindsAll = bindsAll || bindings.contains { $0.subsection == nil }
        }
        let patterns = PatternList(operators.allowedSpaces)
        return TrustGate(
            allowsSpace: { [spaces] space in
                // An empty list names nothing here, though as an `include` it would mean everything.
                if spaces.contains(space) { return true }
                return !patterns.isEmpty && patterns.includes(Path(space.description), isDirectory: false)
            },
            bindsBranch: { [bound, bindsAll] space in bindsAll || space.map(bound.contains) == true },
            trusted: operators.trusted, owner: owner)
    }
}

import DeploySettings
import Essentials
import Git
import Reporting
import SpacesModel

/// The layers of settings and the targets resolved from them.
struct ResolvedSettings: Sendable {
    let currentRepository: CurrentRepository?
    var layers: [ConfigLayer] = []
    /// The settings of the layers, for the Spaces named on the command line, in its order.
    var settings = Settings(layers: [])
    /// The owner of Spaces that are written as `name` alone.
    var owner: String?
    /// Informational messages, less severe than warnings.
    var notes: [String] = []
    /// The position of the layer for another repository's .spacesync: below `--config` and flags.
    var sourceLayerIndex = 0
    /// The start of commands that change the operator's settings.
    var editCommand = "git config"

    init(currentRepository: CurrentRepository?) { self.currentRepository = currentRepository }

    var operators: OperatorSettings { settings.operatorSettings }
    var targets: [Target] { settings.targets }
    /// Targets rejected because an untrusted .spacesync file sets what it must not.
    var refused: [RejectedTarget] { settings.rejected }
    /// The Spaces named on the command line, in its order.
    var named: [SpaceID] { settings.named }

    /// Prints notes and warnings about the settings.
    func logWarnings(_ reporter: any Reporter) {
        (notes + settings.notices).forEach { reporter.send(.info("note: \($0)")) }
        for layer in layers { layer.warnings.forEach { reporter.send(.warning($0.description)) } }
    }

    /// Returns the target of a command that takes one Space.
    /// - Throws: kind `settings` if the target was rejected.
    func onlyTarget() throws(DeployError) -> Target {
        if let rejected = settings.selected.refused.first { throw rejected.failure }
        guard let target = settings.selected.targets.first else {
            throw DeployError(.usage, "no Space specified")
        }
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

    /// Returns the error of a run that selects no Space.
    func noTargetSelected(by command: String) -> DeployError {
        let manual = (targets.filter(\.manual).map(\.space) + refused.filter(\.manual).map(\.space)).sorted()
        guard let first = manual.first else {
            return DeployError(
                .usage, "no Space specified, and the settings contain none",
                hint:
                    "run spacesync \(command) owner/name --branch BRANCH, or add a [space \"owner/name\"] section"
            )
        }
        let names = manual.map(\.description).joined(separator: ", ")
        return DeployError(
            .usage, "no Space specified, and \(names) \(manual.count == 1 ? "is" : "are") manual",
            hint: "specify the Space: spacesync \(command) \(first)")
    }

    /// Returns each of the named Spaces once, in order.
    /// - Throws: kind `usage` if a name is not valid for a Space.
    func spaces(named names: [String], owner: String?) throws(DeployError) -> [SpaceID] {
        var spaces: [SpaceID] = []
        for name in names {
            let space = try space(name, owner: owner)
            if !spaces.contains(space) { spaces.append(space) }
        }
        return spaces
    }

    /// - Throws: kind `usage` if the name is not valid for a Space.
    func space(_ name: String, owner: String?) throws(DeployError) -> SpaceID {
        if !name.contains("/"), SpaceID.isValid(name) {
            if let owner, let space = SpaceID(owner: owner, name: name) { return space }
            let candidates = spaces(called: name)
            if candidates.count == 1 { return candidates[0] }
            let options =
                candidates.isEmpty ? "owner/\(name)" : candidates.map(\.description).joined(separator: " or ")
            throw DeployError(
                .usage, "\"\(name)\" has no owner", hint: "use \(options), or set HUGGINGFACE_USERNAME")
        }
        guard let space = SpaceID(name) else {
            throw DeployError(
                .usage, "\"\(name)\" is not a valid Space name",
                hint: "use owner/name, each " + SpaceID.nameRule)
        }
        return space
    }

    /// The Spaces that have a section in any layer.
    var sections: [SpaceID] {
        let names = layers.flatMap(\.entries).filter { $0.section == "space" }.compactMap(\.subsection)
        return Set(names.compactMap { SpaceID($0, of: owner) }).sorted()
    }

    /// Returns the Spaces of that name in the settings. Untrusted files are not used, because they
    /// could supply the owner.
    private func spaces(called name: String) -> [SpaceID] {
        let trustedEntries = layers.filter { $0.trustLevel != .untrusted }.flatMap(\.entries)
        let spaces = trustedEntries.filter { $0.section == "space" }.compactMap {
            $0.subsection.flatMap { SpaceID($0) }
        }
        return Set(spaces.filter { $0.name.lowercased() == name.lowercased() }).sorted()
    }

    /// Returns a target with the settings of its source's own `.spacesync`, for a source other than
    /// the current repository. Only this Space's section and the defaults of the file are read.
    /// - Parameter name: the file as messages show it.
    /// - Throws: kind `settings` if the file sets what it must not, or has errors.
    func target(_ space: SpaceID, shapedBy file: [UInt8], named name: String) throws(DeployError) -> Target {
        var layer = try ConfigLayer(file, .sourceFile(name), .untrusted)
        layer.entries.removeAll { entry in
            guard entry.section == "space", let subsection = entry.subsection else { return false }
            return SpaceID(subsection, of: owner) != space
        }
        var layers = layers
        layers.insert(layer, at: sourceLayerIndex)
        let settings = Settings(layers: layers, named: [space] + named, owner: owner)
        try settings.throwIfInvalid()
        if let rejected = settings.rejected.first(where: { $0.space == space }) {
            throw rejected.failure(allowedBy: editCommand)
        }
        return settings.targets.first { $0.space == space } ?? Target(space: space)
    }
}

/// The repository of the working directory, or of `--source`.
struct CurrentRepository: Sendable {
    let source: LocalSource
    /// The work tree, or the Git directory of a bare repository.
    let top: String
    private let path: String
    /// Whether the configuration is trusted; false for a bare repository inside the work tree of
    /// another one, because the configuration may have arrived with that.
    let isConfigurationTrusted: Bool

    init(_ source: LocalSource, _ path: String) {
        (self.source, self.path) = (source, path)
        top = source.workTree ?? path
        isConfigurationTrusted = source.bareRepository?.enclosingWorkTree == nil
    }

    /// Whether the path leads to this repository.
    func isAt(_ other: String) -> Bool { other == path || isTop(other) }

    /// Whether the path is the top directory of this repository.
    func isTop(_ other: String) -> Bool {
        URL(fileURLWithPath: top).resolvingSymlinksInPath().path
            == URL(fileURLWithPath: other).resolvingSymlinksInPath().path
    }
}

extension ConfigLayer {
    /// Reads a file in Git's configuration syntax: it is checked by `ConfigLinter` and parsed by libgit2.
    /// - Throws: kind `settings`, with all problems of the file.
    init(_ bytes: [UInt8], _ origin: SettingOrigin, _ trustLevel: TrustLevel) throws(DeployError) {
        let linter = ConfigLinter(bytes, origin: origin)
        guard linter.errors.isEmpty else { throw SettingError.failure(linter.errors) }
        var entries = try readConfiguration(text: bytes, named: origin.description)
        let lines = linter.lines(of: entries.map(\.key))
        for (index, line) in lines.enumerated() { entries[index].line = line }
        self.init(origin, trustLevel, entries, warnings: linter.warnings)
    }

    /// Reads a settings file of the operator; `nil` if there is none.
    /// - Parameter name: The file as messages show it.
    init?(file path: String, shown name: String? = nil) throws(DeployError) {
        guard let bytes = readFile(path, limit: ConfigLinter.limit) else { return nil }
        try self.init(bytes, .file(name ?? path), .trusted)
    }
}

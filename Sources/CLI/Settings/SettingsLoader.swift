import DeploySettings
import Essentials
import Git
import HTTP
import SpacesModel

/// Finds and reads all settings of a run, in the order of design 3.
struct SettingsLoader: Sendable {
    let world: World
    let arguments: Arguments
    /// Where a hook finds the travelling file: the pushed commit.
    var pushedCommit: String?

    /// Nobody stands in the work tree: its file counts as one that somebody else wrote.
    var isUnattended = false

    /// Git runs this in the repository's hook, so that the repository is named by Git itself.
    var isInHook = false

    /// Only what is the operator's own counts.
    var leavesOutTravelling = false

    /// Set in a CI job for a pull request: files of its checkout count as those of a source behind a URL.
    let pullRequest: PullRequestJob?

    init(
        _ world: World, _ arguments: Arguments, pushedCommit: String? = nil, isUnattended: Bool = false
    ) {
        (self.world, self.arguments, self.pushedCommit) = (world, arguments, pushedCommit)
        self.isUnattended = isUnattended
        pullRequest = PullRequestJob(world)
    }

    /// - Parameter names: Spaces as written on the command line.
    /// - Throws: kind `settings` with all problems at once, `source` for a repository that cannot be read.
    func load(_ names: [String]) async throws(Failure) -> LoadedSettings {
        var loaded = LoadedSettings(home: try await home())
        if let configHome = world.configHome,
            let file = try SettingsFile(at: configHome + "/spacesync/config")
        {
            try add(file, at: configHome + "/spacesync/config", to: &loaded)
        }
        if let home = loaded.home {
            try await addConfiguration(of: home, to: &loaded)
            if !leavesOutTravelling { try await addTravelling(of: home, to: &loaded) }
        }
        loaded.placeOfSources = loaded.layers.count
        for path in arguments.values(.config) {
            guard let file = try SettingsFile(at: world.absolute(path), shown: path) else {
                throw Failure(
                    .settings, "there is no settings file \(path)",
                    hint: "looked at \(world.absolute(path)); ls shows what is there")
            }
            try add(file, at: path, to: &loaded)
        }
        loaded.layers += try arguments.layers()
        loaded.editing = editing(loaded.home)
        return try loaded.resolved(names, owner: Accounts(world).onlyOwner)
    }

    /// What only the operator says, as far as it can be read.
    func operators() async -> OperatorSettings {
        var layers: [Layer] = []
        let user = world.configHome.map { $0 + "/spacesync/config" }
        if let user, isOperators(user), let file = try? SettingsFile(at: user) { layers.append(file.layer) }
        if let home = try? await home(), isTrusted(home), let own = try? await home.source.configuration() {
            layers.append(Layer(.repository(home.top), .operating, own))
        }
        for path in arguments.values(.config) where isOperators(path) {
            if let file = try? SettingsFile(at: world.absolute(path)) { layers.append(file.layer) }
        }
        return Settings(layers: layers).operators
    }

    /// The repository this run stands in: the one that `--source` names, or the directory's; nil for a URL or none.
    private func home() async throws(Failure) -> Home? {
        let named = arguments.flags.last { $0.flag.key == "source" }?.value
        let location =
            named.map { SourceLocation(NetworkSettings(world).rewritten($0), in: world) }
            ?? .path(world.directory)
        guard case .path(let path) = location else { return nil }
        do {
            let home = Home(try await LocalSource.open(at: path), path)
            if named == nil { try refuseFoundBare(home) }
            return home
        } catch {
            if named != nil || error.cause != .noRepository { throw error }
            return nil
        }
    }

    private func addConfiguration(of home: Home, to loaded: inout LoadedSettings) async throws(Failure) {
        guard isTrusted(home) else {
            return loaded.notes.append(
                "the Git configuration of \(home.top) is not used: it is a bare repository inside the work tree "
                    + (home.source.bareRepository?.enclosingWorkTree ?? "of another one"))
        }
        let own = try await home.source.configuration()
        loaded.layers.append(Layer(.repository("\(home.top) (git config)"), .operating, own))
    }

    private func isTrusted(_ home: Home) -> Bool { home.isConfigurationTrusted || isNamedByGit(home) }

    /// True in a hook, which Git runs in the repository that `GIT_DIR` names.
    private func isNamedByGit(_ home: Home) -> Bool {
        if isInHook { return true }
        guard let directory = world["GIT_DIR"] else { return false }
        return home.source.isAt(gitDirectory: world.absolute(directory))
    }

    /// As Git does with `safe.bareRepository = explicit`, and always inside the work tree of another repository.
    /// - Throws: kind `source` for a bare repository that nobody named.
    func refuseFoundBare(_ home: Home) throws(Failure) {
        guard let bare = home.source.bareRepository, !isNamedByGit(home) else { return }
        let hint = "if you trust it, name it: --source \(ReadyLines.quoted(bare.path))"
        if let workTree = bare.enclosingWorkTree {
            throw Failure(
                .source, "\(bare.path) is a bare repository inside the work tree \(workTree)",
                details: ["it may have arrived with the files there, so it is used only where it is named"],
                hint: hint)
        }
        guard BareRepository.mustBeNamed(in: world.environment) else { return }
        throw Failure(
            .source, "\(bare.path) is a bare repository, and safe.bareRepository is explicit", hint: hint)
    }

    /// Adds a file of the operator's. In a pull request's job a file of a checkout is not the operator's.
    private func add(_ file: SettingsFile, at path: String, to loaded: inout LoadedSettings) throws(Failure) {
        guard let pullRequest, pullRequest.isFromCheckout(world.absolute(path), world) else {
            return try loaded.add(file)
        }
        try checkIsFile(world.absolute(path))
        var file = file
        file.layer.origin = .travelling(pullRequest.origin(of: path))
        file.layer.standing = .foreign
        try loaded.add(file)
    }

    private func isOperators(_ path: String) -> Bool {
        pullRequest?.isFromCheckout(world.absolute(path), world) != true
    }

    /// A link of a pull request could lead to any file of the runner, and the errors of a settings file show its lines.
    private func checkIsFile(_ path: String) throws(Failure) {
        guard let pullRequest else { return }
        var info = stat()
        guard lstat(path, &info) == 0, info.st_mode & S_IFMT != S_IFREG else { return }
        throw Failure(
            .settings, "\(pullRequest.origin(of: path)) is not a regular file",
            hint: "remove it; a symbolic link is not followed in such a job")
    }

    /// What changes the operator's side of this run's settings from a shell.
    private func editing(_ home: Home?) -> String {
        let file =
            arguments.values(.config).last
            ?? (home == nil ? world.configHome.map { $0 + "/spacesync/config" } : nil)
        return file.map { "git config -f \(ReadyLines.quoted($0))" } ?? "git config"
    }

    /// `.spacesync`, read once: in a work tree the file as it lies there, else at HEAD; in a hook in the pushed commit,
    /// else at HEAD.
    private func addTravelling(of home: Home, to loaded: inout LoadedSettings) async throws(Failure) {
        if let pushedCommit {
            let pushed = try await home.source.file(named: ".spacesync", at: pushedCommit)
            let short = pushedCommit.prefix(7)
            if let pushed { return try loaded.add(travelling: pushed, ".spacesync at \(short)", .foreign) }
        } else if let workTree = home.source.workTree, !isUnattended {
            try checkIsFile(workTree + "/.spacesync")
            guard let bytes = try travellingFile(in: workTree) else { return }
            let committed = (try? await home.source.file(named: ".spacesync")).flatMap { $0 }
            if committed != bytes {
                loaded.notes.append(
                    ".spacesync counts as it lies here, not as it is committed")
            }
            if let pullRequest {
                return try loaded.add(travelling: bytes, pullRequest.origin(of: ".spacesync"), .foreign)
            }
            return try loaded.add(travelling: bytes, ".spacesync", .ownWorkTree)
        }
        guard let atHead = (try? await home.source.file(named: ".spacesync")).flatMap({ $0 }) else { return }
        try loaded.add(travelling: atHead, ".spacesync at HEAD", .foreign)
    }

    /// `.spacesync` of a work tree; `nil` if there is none. A link could name any file of this machine, whose lines
    /// would then be shown in messages.
    private func travellingFile(in workTree: String) throws(Failure) -> [UInt8]? {
        let path = workTree + "/.spacesync"
        let type = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
        guard let type else { return nil }
        guard type == .typeRegular else {
            throw Failure(
                .settings, ".spacesync is not a regular file: it is not read",
                hint: "replace the link by the file itself, or pass a file of yours with --config FILE")
        }
        return readFile(path, limit: ConfigText.limit, followsLinks: false)
    }
}

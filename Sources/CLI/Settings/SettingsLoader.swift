import DeploySettings
import Essentials
import Git
import HTTP
import SpacesModel

/// Finds and reads all settings of a run, in the order of design 3.
struct SettingsLoader: Sendable {
    let environment: CommandEnvironment
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
        _ environment: CommandEnvironment, _ arguments: Arguments, pushedCommit: String? = nil,
        isUnattended: Bool = false
    ) {
        (self.environment, self.arguments, self.pushedCommit) = (environment, arguments, pushedCommit)
        self.isUnattended = isUnattended
        pullRequest = PullRequestJob(environment)
    }

    /// - Parameter names: Spaces as written on the command line.
    /// - Throws: kind `settings` with all problems at once, `source` for a repository that cannot be read.
    func load(_ names: [String]) async throws(DeployError) -> ResolvedSettings {
        var loaded = ResolvedSettings(currentRepository: try await currentRepository())
        if let configHome = environment.configHome,
            let file = try SettingsFile(at: configHome + "/spacesync/config")
        {
            try add(file, at: configHome + "/spacesync/config", to: &loaded)
        }
        if let home = loaded.currentRepository {
            try await addConfiguration(of: home, to: &loaded)
            if !leavesOutTravelling { try await addTravelling(of: home, to: &loaded) }
        }
        loaded.sourceLayerIndex = loaded.layers.count
        for path in arguments.values(.config) {
            guard let file = try SettingsFile(at: environment.absolute(path), shown: path) else {
                throw DeployError(
                    .settings, "there is no settings file \(path)",
                    hint: "looked at \(environment.absolute(path)); ls shows what is there")
            }
            try add(file, at: path, to: &loaded)
        }
        loaded.layers += try arguments.layers()
        loaded.editCommand = editCommand(loaded.currentRepository)
        return try loaded.resolved(names, owner: TokenResolver(environment).onlyOwner)
    }

    /// What only the operator says, as far as it can be read.
    func operators() async -> OperatorSettings {
        var layers: [ConfigLayer] = []
        let user = environment.configHome.map { $0 + "/spacesync/config" }
        if let user, isTrustedFile(user), let file = try? SettingsFile(at: user) { layers.append(file.layer) }
        if let home = try? await currentRepository(), isTrusted(home),
            let own = try? await home.source.configuration()
        {
            layers.append(ConfigLayer(.repository(home.top), .trusted, own))
        }
        for path in arguments.values(.config) where isTrustedFile(path) {
            if let file = try? SettingsFile(at: environment.absolute(path)) { layers.append(file.layer) }
        }
        return Settings(layers: layers).operatorSettings
    }

    /// The repository this run stands in: the one that `--source` names, or the directory's; nil for a URL or none.
    private func currentRepository() async throws(DeployError) -> CurrentRepository? {
        let named = arguments.flags.last { $0.flag.key == "source" }?.value
        let location =
            named.map { ResolvedSource(NetworkSettings(environment).rewritten($0), in: environment) }
            ?? .path(environment.directory)
        guard case .path(let path) = location else { return nil }
        do {
            let home = CurrentRepository(try await LocalSource.open(at: path), path)
            if named == nil { try rejectDiscoveredBareRepository(home) }
            return home
        } catch {
            if named != nil || error.cause != .noRepository { throw error }
            return nil
        }
    }

    private func addConfiguration(of repository: CurrentRepository, to loaded: inout ResolvedSettings)
        async throws(DeployError)
    {
        guard isTrusted(repository) else {
            return loaded.notes.append(
                "the Git configuration of \(repository.top) is not used: it is a bare repository inside the work tree "
                    + (repository.source.bareRepository?.enclosingWorkTree ?? "of another one"))
        }
        let own = try await repository.source.configuration()
        loaded.layers.append(ConfigLayer(.repository("\(repository.top) (git config)"), .trusted, own))
    }

    private func isTrusted(_ repository: CurrentRepository) -> Bool {
        repository.isConfigurationTrusted || isNamedByGit(repository)
    }

    /// True in a hook, which Git runs in the repository that `GIT_DIR` names.
    private func isNamedByGit(_ repository: CurrentRepository) -> Bool {
        if isInHook { return true }
        guard let directory = environment["GIT_DIR"] else { return false }
        return repository.source.isAt(gitDirectory: environment.absolute(directory))
    }

    /// As Git does with `safe.bareRepository = explicit`, and always inside the work tree of another repository.
    /// - Throws: kind `source` for a bare repository that nobody named.
    func rejectDiscoveredBareRepository(_ repository: CurrentRepository) throws(DeployError) {
        guard let bare = repository.source.bareRepository, !isNamedByGit(repository) else { return }
        let hint = "if you trust it, name it: --source \(CommandHints.quoted(bare.path))"
        if let workTree = bare.enclosingWorkTree {
            throw DeployError(
                .source, "\(bare.path) is a bare repository inside the work tree \(workTree)",
                details: ["it may have arrived with the files there, so it is used only where it is named"],
                hint: hint)
        }
        guard BareRepository.requiresExplicitPath(in: environment.variables) else { return }
        throw DeployError(
            .source, "\(bare.path) is a bare repository, and safe.bareRepository is explicit", hint: hint)
    }

    /// Adds a file of the operator's. In a pull request's job a file of a checkout is not the operator's.
    private func add(_ file: SettingsFile, at path: String, to loaded: inout ResolvedSettings)
        throws(DeployError)
    {
        guard let pullRequest, pullRequest.isFromCheckout(environment.absolute(path), environment) else {
            return try loaded.add(file)
        }
        try checkIsFile(environment.absolute(path))
        var file = file
        file.layer.origin = .sourceFile(pullRequest.origin(of: path))
        file.layer.trustLevel = .untrusted
        try loaded.add(file)
    }

    private func isTrustedFile(_ path: String) -> Bool {
        pullRequest?.isFromCheckout(environment.absolute(path), environment) != true
    }

    /// A link of a pull request could lead to any file of the runner, and the errors of a settings file show its lines.
    private func checkIsFile(_ path: String) throws(DeployError) {
        guard let pullRequest else { return }
        var info = stat()
        guard lstat(path, &info) == 0, info.st_mode & S_IFMT != S_IFREG else { return }
        throw DeployError(
            .settings, "\(pullRequest.origin(of: path)) is not a regular file",
            hint: "remove it; a symbolic link is not followed in such a job")
    }

    /// What changes the operator's side of this run's settings from a shell.
    private func editCommand(_ repository: CurrentRepository?) -> String {
        let file =
            arguments.values(.config).last
            ?? (repository == nil ? environment.configHome.map { $0 + "/spacesync/config" } : nil)
        return file.map { "git config -f \(CommandHints.quoted($0))" } ?? "git config"
    }

    /// `.spacesync`, read once: in a work tree the file as it lies there, else at HEAD; in a hook in the pushed commit,
    /// else at HEAD.
    private func addTravelling(of repository: CurrentRepository, to loaded: inout ResolvedSettings)
        async throws(DeployError)
    {
        if let pushedCommit {
            let pushed = try await repository.source.file(named: ".spacesync", at: pushedCommit)
            let short = pushedCommit.prefix(7)
            if let pushed { return try loaded.add(travelling: pushed, ".spacesync at \(short)", .untrusted) }
        } else if let workTree = repository.source.workTree, !isUnattended {
            try checkIsFile(workTree + "/.spacesync")
            guard let bytes = try travellingFile(in: workTree) else { return }
            let committed = (try? await repository.source.file(named: ".spacesync")).flatMap { $0 }
            if committed != bytes {
                loaded.notes.append(
                    ".spacesync counts as it lies here, not as it is committed")
            }
            if let pullRequest {
                return try loaded.add(travelling: bytes, pullRequest.origin(of: ".spacesync"), .untrusted)
            }
            return try loaded.add(travelling: bytes, ".spacesync", .ownWorkTree)
        }
        guard let atHead = (try? await repository.source.file(named: ".spacesync")).flatMap({ $0 }) else {
            return
        }
        try loaded.add(travelling: atHead, ".spacesync at HEAD", .untrusted)
    }

    /// `.spacesync` of a work tree; `nil` if there is none. A link could name any file of this machine, whose lines
    /// would then be shown in messages.
    private func travellingFile(in workTree: String) throws(DeployError) -> [UInt8]? {
        let path = workTree + "/.spacesync"
        let type = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
        guard let type else { return nil }
        guard type == .typeRegular else {
            throw DeployError(
                .settings, ".spacesync is not a regular file: it is not read",
                hint: "replace the link by the file itself, or pass a file of yours with --config FILE")
        }
        return readFile(path, limit: ConfigLinter.limit, followsLinks: false)
    }
}

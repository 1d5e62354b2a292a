import DeploySettings
import Essentials
import Git
import HTTP
import SpacesModel

/// Finds and reads all settings of a run, in the order of design 3.
struct SettingsLoader: Sendable {
    let environment: CommandEnvironment
    let arguments: Arguments
    /// The pushed commit, whose .spacesync a hook reads.
    var pushedCommit: String?

    /// Whether no user works in the work tree, so that its .spacesync is untrusted.
    var isUnattended = false

    /// Whether this runs in a hook, so that Git itself chose the repository.
    var isInHook = false

    /// Whether .spacesync is ignored, so that only the operator's settings count.
    var leavesOutTravelling = false

    /// Set in a CI job for a pull request: files of its checkout are as untrusted as those of a
    /// remote source.
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
    /// - Throws: kind `settings` with all problems at once, `source` if a repository cannot be
    /// read.
    func load(_ names: [String]) async throws(DeployError) -> ResolvedSettings {
        var loaded = ResolvedSettings(currentRepository: try await currentRepository())
        if let path = userFile, let layer = try ConfigLayer(file: path) {
            loaded.layers.append(try restrictingCheckout(layer, at: path))
        }
        if let repository = loaded.currentRepository {
            loaded.layers += try await configuration(of: repository, notes: &loaded.notes)
            if !leavesOutTravelling {
                loaded.layers += try await sourceFile(of: repository, notes: &loaded.notes)
            }
        }
        loaded.sourceLayerIndex = loaded.layers.count
        for path in arguments.values(.config) {
            guard let layer = try ConfigLayer(file: environment.absolute(path), shown: path) else {
                throw DeployError(
                    .settings, "cannot read the settings file \(path)",
                    hint: "check that \(environment.absolute(path)) exists and that you can read it")
            }
            loaded.layers.append(try restrictingCheckout(layer, at: path))
        }
        loaded.layers += try arguments.layers()
        loaded.editCommand = editCommand(loaded.currentRepository)
        loaded.owner = TokenResolver(environment).onlyOwner
        let spaces = try loaded.spaces(named: names, owner: loaded.owner)
        loaded.settings = Settings(layers: loaded.layers, named: spaces, owner: loaded.owner)
        try loaded.settings.throwIfInvalid()
        return loaded
    }

    /// Returns the operator's settings; files that cannot be read are skipped.
    func operators() async -> OperatorSettings {
        var layers: [ConfigLayer] = []
        if let userFile, isTrustedFile(userFile), let layer = try? ConfigLayer(file: userFile) {
            layers.append(layer)
        }
        if let repository = try? await currentRepository(), isTrusted(repository),
            let entries = try? await repository.source.configuration()
        {
            layers.append(ConfigLayer(.repository(repository.top), .trusted, entries))
        }
        for path in arguments.values(.config) where isTrustedFile(path) {
            if let layer = try? ConfigLayer(file: environment.absolute(path)) { layers.append(layer) }
        }
        return Settings(layers: layers).operatorSettings
    }

    private var userFile: String? { environment.configHome.map { $0 + "/spacesync/config" } }

    /// Returns the repository of `--source`, or of the working directory; `nil` if `--source` is a
    /// URL or there is no repository.
    private func currentRepository() async throws(DeployError) -> CurrentRepository? {
        let sourceArgument = arguments.value(.source)
        let location =
            sourceArgument.map { ResolvedSource(NetworkSettings(environment).rewritten($0), in: environment) }
            ?? .path(environment.directory)
        guard case .path(let path) = location else { return nil }
        do {
            let repository = CurrentRepository(try await LocalSource.open(at: path), path)
            if sourceArgument == nil { try rejectDiscoveredBareRepository(repository) }
            return repository
        } catch {
            if sourceArgument != nil || error.cause != .noRepository { throw error }
            return nil
        }
    }

    /// Returns the repository's own Git configuration; nothing if it is not trusted.
    private func configuration(of repository: CurrentRepository, notes: inout [String])
        async throws(DeployError) -> [ConfigLayer]
    {
        guard isTrusted(repository) else {
            notes.append(
                "the Git configuration of \(repository.top) is ignored: this bare repository is inside the work tree "
                    + (repository.source.bareRepository?.enclosingWorkTree ?? "of another repository"))
            return []
        }
        let entries = try await repository.source.configuration()
        return [ConfigLayer(.repository("\(repository.top) (git config)"), .trusted, entries)]
    }

    private func isTrusted(_ repository: CurrentRepository) -> Bool {
        repository.isConfigurationTrusted || isNamedByGit(repository)
    }

    /// Whether Git named the repository: in a hook, or by `GIT_DIR`.
    private func isNamedByGit(_ repository: CurrentRepository) -> Bool {
        if isInHook { return true }
        guard let directory = environment["GIT_DIR"] else { return false }
        return repository.source.isAt(gitDirectory: environment.absolute(directory))
    }

    /// Rejects bare repositories found by discovery, like Git with
    /// `safe.bareRepository = explicit`, and always inside the work tree of another repository.
    /// - Throws: kind `source` if the user did not name the bare repository.
    func rejectDiscoveredBareRepository(_ repository: CurrentRepository) throws(DeployError) {
        guard let bare = repository.source.bareRepository, !isNamedByGit(repository) else { return }
        let hint = "if you trust it, use --source \(CommandHints.quoted(bare.path))"
        if let workTree = bare.enclosingWorkTree {
            throw DeployError(
                .source, "\(bare.path) is a bare repository inside the work tree \(workTree)",
                details: [
                    "it may have come with the files of the work tree, so it is used only if you specify it"
                ],
                hint: hint)
        }
        guard BareRepository.requiresExplicitPath(in: environment.variables) else { return }
        throw DeployError(
            .source, "\(bare.path) is a bare repository, and safe.bareRepository is explicit", hint: hint)
    }

    /// Returns a file of the operator. In a pull request's job, a file of a checkout is untrusted.
    private func restrictingCheckout(_ layer: ConfigLayer, at path: String)
        throws(DeployError) -> ConfigLayer
    {
        guard let pullRequest, pullRequest.isFromCheckout(environment.absolute(path), environment) else {
            return layer
        }
        try checkIsFile(environment.absolute(path))
        var layer = layer
        layer.origin = .sourceFile(pullRequest.origin(of: path))
        layer.trustLevel = .untrusted
        return layer
    }

    private func isTrustedFile(_ path: String) -> Bool {
        pullRequest?.isFromCheckout(environment.absolute(path), environment) != true
    }

    /// A link of a pull request could lead to any file of the runner, and the errors of a settings
    /// file show its lines.
    private func checkIsFile(_ path: String) throws(DeployError) {
        guard let pullRequest else { return }
        var info = stat()
        guard lstat(path, &info) == 0, info.st_mode & S_IFMT != S_IFREG else { return }
        throw DeployError(
            .settings, "\(pullRequest.origin(of: path)) is not a regular file",
            hint: "remove it; symbolic links are not followed in a job for a pull request")
    }

    /// Returns the start of a shell command that changes the operator's settings of this run.
    private func editCommand(_ repository: CurrentRepository?) -> String {
        let file =
            arguments.values(.config).last
            ?? (repository == nil ? userFile : nil)
        return file.map { "git config -f \(CommandHints.quoted($0))" } ?? "git config"
    }

    /// Returns `.spacesync`, read once: in a work tree the file as it is there; in a hook the pushed
    /// commit's; otherwise, or if the hook's commit has none, HEAD's. Empty if there is none.
    private func sourceFile(of repository: CurrentRepository, notes: inout [String])
        async throws(DeployError) -> [ConfigLayer]
    {
        if let pushedCommit {
            let pushed = try await repository.source.file(named: ".spacesync", at: pushedCommit)
            let name = ".spacesync at \(pushedCommit.prefix(7))"
            if let pushed { return [try ConfigLayer(pushed, .sourceFile(name), .untrusted)] }
        } else if let workTree = repository.source.workTree, !isUnattended {
            try checkIsFile(workTree + "/.spacesync")
            guard let bytes = try workTreeFile(in: workTree) else { return [] }
            let committed = (try? await repository.source.file(named: ".spacesync")).flatMap { $0 }
            if committed != bytes {
                notes.append("using your uncommitted .spacesync")
            }
            let name = pullRequest?.origin(of: ".spacesync") ?? ".spacesync"
            return [try ConfigLayer(bytes, .sourceFile(name), pullRequest == nil ? .ownWorkTree : .untrusted)]
        }
        guard let atHead = (try? await repository.source.file(named: ".spacesync")).flatMap({ $0 }) else {
            return []
        }
        return [try ConfigLayer(atHead, .sourceFile(".spacesync at HEAD"), .untrusted)]
    }

    /// Returns the `.spacesync` of a work tree; `nil` if there is none. Links are not followed: a
    /// link could lead to any file of this machine, and messages would show its lines.
    private func workTreeFile(in workTree: String) throws(DeployError) -> [UInt8]? {
        let path = workTree + "/.spacesync"
        let type = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
        guard let type else { return nil }
        guard type == .typeRegular else {
            throw DeployError(
                .settings, ".spacesync is not a regular file, so it is not read",
                hint: "replace it with a regular file, or use your own file with --config FILE")
        }
        return readFile(path, limit: ConfigLinter.limit, followsLinks: false)
    }
}

/// The location of a source: a path on this machine, or a Git URL.
enum ResolvedSource: Hashable, Sendable {
    case path(String)
    /// A URL with the addresses it may resolve to: untrusted settings may use only public ones.
    case url(String, AllowedAddresses = .any)

    /// - Parameter base: the directory to which a relative path is resolved.
    init(_ text: String, in environment: CommandEnvironment, base: String? = nil) {
        switch SourceAddress(text) {
        case .file: self = URL(string: text).map { .path($0.path(percentEncoded: false)) } ?? .url(text)
        case .url, .scp, .invalid: self = .url(text)
        case .path: self = .path(environment.absolute(text, from: base))
        }
    }
}

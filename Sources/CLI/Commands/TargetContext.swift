import ContainerRegistry
import Deploy
import DeploySettings
import DockerSyntax
import DockerfileTemplates
import Essentials
import Git
import GitLFS
import HTTP
import HubAPI
import Reporting
import SpacesModel

/// Where one target is worked on: its token, its meter, and the edges put together.
struct TargetContext: Sendable {
    let target: Target
    let runContext: RunContext
    private let meter: TrafficCounter
    private let client: HTTPClient
    let reporter: TargetReporter
    let log: EventHandler

    private let onPushed: @Sendable () async -> Void
    private let isWatched = AsyncOnce()

    init(_ target: Target, _ runContext: RunContext, _ onPushed: @escaping @Sendable () async -> Void = {}) {
        (self.target, self.runContext, self.onPushed) = (target, runContext, onPushed)
        let story = TargetReporter(of: target.space, runContext.commandHints, by: runContext.reporter)
        self.reporter = story
        log = { story.log($0) }
        meter = TrafficCounter()
        client = runContext.client { [log] in
            log(.retry(what: $0.requestSummary, attempt: $0.attempt, wait: $0.wait, why: $0.reason))
        }
    }

    /// The story is over.
    func finish() { if isWatched.isSet { runContext.activeWatches.add(-1) } }

    typealias TargetDeployer = Deployer<AnySource, ObjectStore, GitSpace, HubSpace, SpaceConfigurator>

    /// - Parameter limit: of the watch, where it is less than the target's own.
    /// - Throws: kind `source` when there is nothing to deploy from, `notAllowed` when a push has no token.
    func deployer(_ options: DeployOptions, within limit: Duration? = nil) async throws(DeployError)
        -> TargetDeployer
    {
        let (source, own) = try await openedSource()
        var shaped = own
        shaped.timeout = min(shaped.timeout, limit ?? shaped.timeout)
        let target = shaped
        if runContext.logsSettings { logSettings(of: target) }
        let (token, common) = try await authorize(options)
        var options = common
        if token != nil, !options.needsAllBlobs { options.cardValidator = cardValidator(hubSpace(token).hub) }
        let store = try await store(joining: source)
        return Deployer(
            target, source: source, store: store, space: gitSpace(store, token, options),
            builds: hubSpace(token),
            configurator: try await configurator(of: target, hubSpace(token)),
            images: try imageResolver(for: target),
            lfsTransfer: lfsTransferManager(from: source, in: store, token, isWritable: !options.isPlan),
            prober: try await prober(of: target, token?.secret), options: options, emit: log)
    }

    /// The token for the Space, and what every way of pushing to it has in common.
    /// - Throws: kind `notAllowed` when a push has no token.
    private func authorize(
        _ options: DeployOptions
    ) async throws(DeployError) -> (token: TokenResolver.FoundToken?, options: DeployOptions) {
        let token = try await runContext.token(for: target.space, meter: meter)
        if let token { log(.detail("token: \(token.origin)")) }
        guard token != nil || options.isPlan else { throw missingToken }
        var options = options
        options.lock = { [runContext, space = target.space] (onWait) async throws(DeployError) in
            try await runContext.lock(of: space, onWait)
        }
        options.onPushed = { [runContext, onPushed, isWatched] in
            await onPushed()
            if isWatched.set() { runContext.activeWatches.add(1) }
        }
        options.activeWatchCount = { [runContext] in runContext.activeWatches.count }
        options.outcomes = runContext.outcomes(of: target.space)
        if let token, !token.isSpaceScoped {
            // A Space that the last pass found well still runs what it ran, if it runs and its head did not move.
            let (hub, needsCommit) = (hubSpace(token).hub, options.probesWhenUnchanged)
            options.fetchInitialInfo = { [runContext, space = target.space] ask in
                await runContext.lists.info(of: space, hub, needsCommit: needsCommit, orBy: ask)
            }
        }
        options.isInteractive = runContext.environment.canAsk
        options.requestConfirmation = { [runContext, space = target.space] in
            await runContext.promptYesNo($0, about: space)
        }
        options.confirm = { [runContext, space = target.space] in await runContext.confirm($0, about: space) }
        return (token, options)
    }

    /// From one tree of the Space to another: no source is opened.
    /// - Throws: kind `notAllowed` when a push has no token.
    func rollbackDeployer(
        _ options: DeployOptions
    ) async throws(DeployError) -> Deployer<NoSource, ObjectStore, GitSpace, HubSpace, SpaceConfigurator> {
        let (token, options) = try await authorize(options)
        let store = try await runContext.cache.store(for: remote.absoluteString)
        let keeper = try await configurator(of: Target(space: target.space), hubSpace(token))
        return Deployer(
            target, source: NoSource(), store: store, space: gitSpace(store, token, options),
            builds: hubSpace(token), configurator: keeper, images: NoImages(), lfsTransfer: NoCarrier(),
            prober: try await prober(of: target, token?.secret), options: options, emit: log)
    }

    /// What runs on another Space, to this one.
    func promotionDeployer(
        from: SpaceID, _ options: DeployOptions
    ) async throws(DeployError) -> Deployer<
        PromotedSource<AnySource>, ObjectStore, GitSpace, HubSpace, SpaceConfigurator
    > {
        let (token, options) = try await authorize(options)
        let other = try await runContext.token(for: from, meter: meter)
        let hub = HubClient(client, endpoint: runContext.endpoint.url, token: other?.secret, meter: meter)
        let target = target.deployingAsIs(try await HubSpace(hub, from).runningCommit())
        let source = try await AnySource.open(space: from, other, runContext, client, meter)
        let store = try await store(joining: source)
        return Deployer(
            target, source: PromotedSource(source, from), store: store,
            space: gitSpace(store, token, options),
            builds: hubSpace(token), configurator: try await configurator(of: target, hubSpace(token)),
            images: NoImages(),
            lfsTransfer: lfsTransferManager(from: source, in: store, token, isWritable: !options.isPlan),
            prober: try await prober(of: target, token?.secret), options: options, emit: log)
    }

    /// Searches every file of this Space for credentials before it, or a copy of it, becomes more visible.
    /// - Throws: kind `guarded` with what was found.
    func checkExposure(
        to visibility: String, of copy: SpaceID? = nil, allowing allowed: [String]
    ) async throws(DeployError) {
        var options = DeployOptions(version: CommandLineTool.version, now: { 0 })
        options.isPlan = true
        log(.step("Searching \(target.space) for credentials before it is shown"))
        let token = try await runContext.token(for: target.space, meter: meter)
        let store = try await runContext.cache.store(for: remote.absoluteString)
        let check = ExposureCheck(of: gitSpace(store, token, options), in: store, allowing: allowed)
        let result = try await check.result(at: "main")
        result.warnings.forEach(log)
        let failure = DeployError.exposureError(
            result.findings, of: target.space, as: copy ?? target.space, to: visibility)
        if let failure { throw failure }
    }

    private func gitSpace(
        _ store: ObjectStore, _ token: TokenResolver.FoundToken?, _ options: DeployOptions
    ) -> GitSpace {
        GitSpace(
            at: remote, named: target.space.description, store: store, client: client,
            authorization: token.map { .basic(user: "spacesync", password: $0.secret) }, meter: meter,
            isWritable: !options.isPlan, cache: runContext.cache,
            agent: "spacesync/\(CommandLineTool.version)")
    }

    /// The probes alone.
    func verify() async throws(DeployError) -> DeployResult {
        guard !target.probes.isEmpty else {
            throw DeployError(
                .usage, "\(target.space) has no probes",
                hint: "git config --add 'space.\(target.space).probe' 'GET / 200', or -c 'probe=/health 200'")
        }
        let token = try await runContext.token(for: target.space)
        return await TargetDeployer.verify(
            target, hubSpace(token), try await prober(of: target, token?.secret), emit: log
        ) { () async throws(DeployError) in
            let source = try await AnySource.open(sourceLocation(), runContext, client, meter)
            return (source, try await store(joining: source))
        }
    }

    /// Where nothing is probed, no value is looked for.
    private func prober(of target: Target, _ token: Secret?) async throws(DeployError) -> AppProber {
        let isFromOutside = target.probeHeaders.contains { $0.origin.isFromSource }
        let tokens = isFromOutside ? runContext.accounts.hubTokens + [token].compactMap { $0 } : []
        let credentials = ProbeHeaders.Credentials(values: Set(tokens)) { [runContext] in
            runContext.accounts.isCredential(variable: $0)
        }
        let headers = try await ProbeHeaders(
            of: target, valueReader, withholding: credentials, base: baseDirectory)
        return AppProber(client, meter: meter, headers: headers.lines, secrets: headers.secrets)
    }

    /// - Parameter token: nil for none; without a Hub where `isOffline`.
    private func lfsTransferManager(
        from source: AnySource, in store: ObjectStore, _ token: TokenResolver.FoundToken?, isWritable: Bool,
        isOffline: Bool = false
    ) -> LFSTransferManager {
        var access = LFSTransferManager.Access(
            client: client, meter: meter, directory: runContext.cache.path,
            named: namedHosts
        ) { [runContext] (url, isForeign) throws(DeployError) in
            // What a file of the source names gets no token of the Hub.
            try isForeign
                ? runContext.accounts.authorization(forSource: url)
                : runContext.authorization(forSource: url)
        }
        (access.jobs, access.largeFileMutex) = (runContext.loaded.operators.jobs, runContext.heavyWorkMutex)
        let space = LFSTransferManager.Space(
            at: remote, named: target.space.description,
            authorization: token.map { .bearer($0.secret) }, branch: target.spaceBranch)
        return LFSTransferManager(
            from: source.repository, in: store, to: isOffline ? nil : space, isWritable: isWritable, access)
    }

    /// The registries that may be asked about the target's image: with the operator's credentials for its own, and those
    /// on this machine or in a private network where the operator names them, by the image itself or a `[source]`.
    private func imageResolver(for target: Target) throws(DeployError) -> ImageResolverCache {
        var named = namedHosts
        guard let image = target.image else {
            return ImageResolverCache(RegistryClient(client, allowedHosts: named, meter: meter))
        }
        if case .sourceFile = target.setting("image")?.origin {} else { named.insert(image.registry) }
        let own = try runContext.accounts.credentials(forRegistry: image.registry)
        return ImageResolverCache(
            RegistryClient(client, credentials: [own].compactMap { $0 }, allowedHosts: named, meter: meter))
    }

    /// The hosts, each with its port, that the operator names with a `[source]` section.
    var namedHosts: Set<String> {
        Set(
            runContext.loaded.operators.sources.keys.map { origin in
                let host = origin.host.contains(":") ? "[\(origin.host)]" : origin.host
                return "\(host):\(origin.port)"
            })
    }

    /// Where nothing is compared, no value is looked for.
    private func configurator(of target: Target, _ space: HubSpace) async throws(DeployError)
        -> SpaceConfigurator
    {
        let values = try await desiredValues(of: target)
        let memory = FingerprintStore(in: runContext.cache.path + "/fingerprints")
        return SpaceConfigurator(space, values.desired, secrets: values.secrets, memory)
    }

    private func desiredValues(of target: Target) async throws(DeployError) -> DesiredValueLoader {
        try await DesiredValueLoader(of: target, valueReader, base: baseDirectory)
    }

    private var valueReader: ValueReader {
        var reader = ValueReader(runContext.environment)
        reader.files = runContext.tokenFiles
        return reader
    }

    /// What the target's settings want besides files.
    func desiredConfiguration() async throws(DeployError) -> DesiredConfiguration {
        try await desiredValues(of: target).desired
    }

    /// What the target is deployed from.
    func source() async throws(DeployError) -> AnySource {
        try await AnySource.open(sourceLocation(), runContext, client, meter)
    }

    /// The registry of the target's image.
    func imageResolver() throws(DeployError) -> ImageResolverCache { try imageResolver(for: target) }

    private func cardValidator(_ hub: HubClient) -> CardValidator {
        CardValidator { (readme) async throws(DeployError) in
            try await hub.validateYAML(String(decoding: readme, as: UTF8.self))
        }
    }

    private var remote: URL { runContext.endpoint.url.appending(path: "spaces/\(target.space)") }

    private func store(joining source: AnySource) async throws(DeployError) -> ObjectStore {
        try await runContext.cache.store(for: remote.absoluteString, joining: [await source.objects])
    }

    /// Without token and Hub.
    func preflightCheck() async throws(DeployError) -> PreflightCheck<AnySource, ObjectStore> {
        let (source, shaped) = try await openedSource()
        let store =
            target.space.isFolder
            ? try await runContext.cache.temporaryStore(joining: [await source.objects])
            : try await store(joining: source)
        let target = shaped
        let carrier = lfsTransferManager(from: source, in: store, nil, isWritable: false, isOffline: true)
        return PreflightCheck(target, source: source, store: store, lfsTransfer: carrier, emit: log)
    }

    /// The target with what the `.spacesync` of its source says, where that is another repository than this run's own.
    func target(shapedBy source: AnySource) async throws(DeployError) -> Target {
        guard let location = try sourceLocation(), let written = target.source?.value else { return target }
        if case .path(let path) = location, runContext.loaded.currentRepository?.isAt(path) == true {
            return target
        }
        guard let file = try await source.settingsFile() else { return target }
        let name = ".spacesync of \(RepositoryName.displayName(written)) at HEAD"
        return try runContext.loaded.target(target.space, shapedBy: file, named: name)
    }

    private func logSettings(of target: Target) {
        for setting in target.resolvedSettings {
            log(.detail("\(setting.shown)  (\(setting.origin.location(setting.line)))"))
        }
    }

    /// For the commands that only look.
    func hubSpace() async throws(DeployError) -> HubSpace {
        hubSpace(try await runContext.token(for: target.space, meter: meter))
    }

    private func hubSpace(_ token: TokenResolver.FoundToken?) -> HubSpace {
        HubSpace(
            HubClient(client, endpoint: runContext.endpoint.url, token: token?.secret, meter: meter),
            target.space)
    }

    private var missingToken: DeployError {
        DeployError(
            .permissionDenied, "no Hub token was found to push to \(target.space)",
            details: [
                "looked at --token-file, [account], HF_USER, HF_OIDC_RESOURCE, \(TokenResolver.variables.joined(separator: ", ")), the file of hf, Git's credential helper"
            ],
            hint: tokenHint)
    }

    private var tokenHint: String {
        if runContext.accounts.isRestricted {
            return "only tokens beside spacesync.endpoint are sent to \(runContext.endpoint): "
                + "git config account.\(target.space.owner).token env:NAME"
        }
        if runContext.isHook {
            return "who runs this repository gives it one: "
                + "git config account.\(target.space.owner).token file:/path/to/token"
        }
        return runContext.endpoint.isLoopback
            ? "any token will do on a Hub of this machine: HF_TOKEN=hf_local spacesync push \(target.space)"
            : "make a token with write access at \(runContext.endpoint)/settings/tokens and set HF_TOKEN"
    }

    func statistics(_ seconds: Double) -> RunStatistics {
        RunStatistics(
            seconds: seconds, requests: meter.requests, bytesSent: meter.bytesSent,
            bytesReceived: meter.bytesReceived, endpoint: runContext.endpoint.description)
    }
}

import Deploy
import DeploySettings
import Essentials
import Git
import GitLFS
import HTTP
import HubAPI
import Reporting
import SpacesModel

/// Everything needed to deploy one target: token, traffic counter, and the Git and Hub clients.
struct TargetContext: Sendable {
    let target: Target
    let runContext: RunContext
    let meter: TrafficCounter
    let client: HTTPClient
    let reporter: TargetReporter
    let log: EventHandler

    private let onPushed: @Sendable () async -> Void
    private let isWatched = AsyncOnce()

    init(_ target: Target, _ runContext: RunContext, _ onPushed: @escaping @Sendable () async -> Void = {}) {
        (self.target, self.runContext, self.onPushed) = (target, runContext, onPushed)
        let targetReporter = TargetReporter(
            of: target.space, runContext.commandHints, by: runContext.reporter,
            storing: runContext.lastDeploy(of: target.space))
        self.reporter = targetReporter
        log = { targetReporter.log($0) }
        meter = TrafficCounter()
        client = runContext.client { [log] in
            log(.retry(what: $0.requestSummary, attempt: $0.attempt, wait: $0.wait, why: $0.reason))
        }
    }

    /// Ends the work on the target: it no longer counts as watched.
    func finish() { if isWatched.isSet { runContext.activeWatches.add(-1) } }

    /// Returns a deployer for the target's source, and the store of its objects.
    /// - Parameter limit: a time limit that applies if it is less than the target's own.
    /// - Throws: kind `source` if there is no source to deploy from, `permissionDenied` if a push
    ///   has no token.
    func deployer(_ options: DeployOptions, within limit: Duration? = nil) async throws(DeployError)
        -> (deployer: Deployer, store: ObjectStore)
    {
        let (source, shapedTarget) = try await openedSource()
        var limitedTarget = shapedTarget ?? self.target
        limitedTarget.timeout = min(limitedTarget.timeout, limit ?? limitedTarget.timeout)
        let target = limitedTarget
        if runContext.logsSettings { logSettings(of: target) }
        let (token, common) = try await authorize(options)
        var options = common
        if token != nil, !options.needsAllBlobs { options.cardValidator = cardValidator(hubSpace(token).hub) }
        let store = try await store(joining: source)
        var environment = try await environment(store, token, options, of: target)
        source.add(to: &environment)
        environment.images = try imageResolver(for: target)
        environment.lfs = lfsTransferManager(from: source, in: store, token, isWritable: !options.isPlan)
        return (Deployer(target, environment, options), store)
    }

    /// Returns the environment of a deploy without a source.
    private func environment(
        _ store: ObjectStore, _ token: TokenResolver.FoundToken?, _ options: DeployOptions, of target: Target
    ) async throws(DeployError) -> DeployEnvironment {
        let space = hubSpace(token)
        return DeployEnvironment(
            source: nil, objects: store, space: gitSpace(store, token, options), runtime: space,
            configuration: try await configurator(of: target, space),
            http: try await prober(of: target, token?.secret), emit: log)
    }

    /// Returns the token for the Space, and the options with everything that deploys, rollbacks and
    /// promotions share.
    /// - Throws: kind `permissionDenied` if a push has no token.
    private func authorize(
        _ options: DeployOptions
    ) async throws(DeployError) -> (token: TokenResolver.FoundToken?, options: DeployOptions) {
        let token = try await runContext.token(for: target.space, meter: meter)
        if let token { log(.token(token.origin)) }
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
            // After a pass that found the Space healthy, its running commit need not be known: a
            // running Space whose head has not changed still runs the same commit.
            let (hub, needsCommit) = (hubSpace(token).hub, options.probesWhenUnchanged)
            options.fetchInitialInfo = { [runContext, space = target.space] fetchInfo in
                await runContext.lists.info(of: space, hub, needsCommit: needsCommit, orBy: fetchInfo)
            }
        }
        options.isInteractive = runContext.environment.canAsk
        options.confirm = { [runContext, space = target.space] in await runContext.confirm($0, about: space) }
        return (token, options)
    }

    /// Returns a deployer that restores an earlier tree of the Space; no source is opened.
    /// - Throws: kind `permissionDenied` if a push has no token.
    func rollbackDeployer(_ options: DeployOptions) async throws(DeployError) -> Deployer {
        let (token, options) = try await authorize(options)
        let store = try await runContext.cache.store(for: remote.absoluteString)
        // A rollback leaves the configuration as it is, so its values are not resolved.
        var environment = try await environment(store, token, options, of: Target(space: target.space))
        environment.http = try await prober(of: target, token?.secret)
        return Deployer(target, environment, options)
    }

    /// Returns a deployer of the commit that runs on another Space.
    func promotionDeployer(from: SpaceID, _ options: DeployOptions) async throws(DeployError) -> Deployer {
        let (token, options) = try await authorize(options)
        let sourceToken = try await runContext.token(for: from, meter: meter)
        let hub = HubClient(
            client, endpoint: runContext.endpoint.url, token: sourceToken?.secret, meter: meter)
        let target = target.deployingAsIs(try await PromoteCommand.runningCommit(of: HubSpace(hub, from)))
        let source = try await TargetSource.open(space: from, sourceToken, runContext, client, meter)
        let store = try await store(joining: source)
        var environment = try await environment(store, token, options, of: target)
        environment.source = PromotedSource(source.repository, from)
        environment.lfs = lfsTransferManager(from: source, in: store, token, isWritable: !options.isPlan)
        return Deployer(target, environment, options)
    }

    /// Searches every file of this Space for credentials before it, or a copy of it, becomes more
    /// visible.
    /// - Throws: kind `blocked` with the findings.
    func checkExposure(
        to visibility: String, of copy: SpaceID? = nil, allowing allowed: [String]
    ) async throws(DeployError) {
        var options = DeployOptions(version: CommandLineTool.version, now: { 0 })
        options.isPlan = true
        log(.step("Searching \(target.space) for credentials before it becomes more visible"))
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

    /// Runs the target's probes without a deploy.
    func verify() async throws(DeployError) -> DeployResult {
        guard !target.probes.isEmpty else {
            throw DeployError(
                .usage, "\(target.space) has no probes",
                hint:
                    "run git config --add 'space.\(target.space).probe' 'GET / 200', or use -c 'probe=/health 200'"
            )
        }
        let token = try await runContext.token(for: target.space)
        return await verifyApp(
            of: target, hubSpace(token), try await prober(of: target, token?.secret), emit: log
        ) { () async throws(DeployError) in
            let source = try await TargetSource.open(sourceLocation(), runContext, client, meter)
            return (source.repository, try await store(joining: source))
        }
    }

    /// Opens the target's source.
    func source() async throws(DeployError) -> TargetSource {
        try await TargetSource.open(sourceLocation(), runContext, client, meter)
    }

    var remote: URL { runContext.endpoint.url.appending(path: "spaces/\(target.space)") }

    private func store(joining source: TargetSource) async throws(DeployError) -> ObjectStore {
        try await runContext.cache.store(
            for: remote.absoluteString, joining: [await source.repository.objects])
    }

    /// Returns a deployer that checks the target and uses neither a token nor the Hub.
    /// - Parameter emit: receives the events; `nil` reports them.
    func offlineDeployer(emit: EventHandler? = nil) async throws(DeployError) -> Deployer {
        let (source, shapedTarget) = try await openedSource()
        let target = shapedTarget ?? self.target
        var options = DeployOptions(version: CommandLineTool.version, now: { 0 })
        options.isPlan = true
        let store =
            target.space.isFolder
            ? try await runContext.cache.temporaryStore(joining: [await source.repository.objects])
            : try await store(joining: source)
        // The target's variables, secrets and probe headers are not resolved.
        var environment = try await environment(store, nil, options, of: Target(space: target.space))
        source.add(to: &environment)
        environment.lfs = lfsTransferManager(from: source, in: store, nil, isWritable: false, isOffline: true)
        environment.emit = emit ?? log
        return Deployer(target, environment, options)
    }

    /// Returns the target with the settings of its source's `.spacesync`; `nil` if there are none, or
    /// the source is the current repository.
    func target(shapedBy source: TargetSource) async throws(DeployError) -> Target? {
        guard let location = try sourceLocation(), let sourceValue = target.source?.value else { return nil }
        if case .path(let path) = location, runContext.loaded.currentRepository?.isAt(path) == true {
            return nil
        }
        guard let file = try await source.repository.settingsFile() else { return nil }
        let name = ".spacesync of \(RepositoryName.displayName(sourceValue)) at HEAD"
        return try runContext.loaded.target(target.space, shapedBy: file, named: name)
    }

    private func logSettings(of target: Target) {
        for setting in target.resolvedSettings {
            log(.detail("\(setting.shown)  (\(setting.origin.location(setting.line)))"))
        }
    }

    /// Returns a client of the Space, for commands that do not deploy.
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
            .permissionDenied, "no Hub token found to push to \(target.space)",
            details: [
                "searched: --token-file, [account], HF_USER, HF_OIDC_RESOURCE, \(TokenResolver.variables.joined(separator: ", ")), the token file of hf, Git's credential helper"
            ],
            hint: tokenHint)
    }

    private var tokenHint: String {
        if runContext.accounts.isRestricted {
            return
                "only tokens from the file that sets spacesync.endpoint are sent to \(runContext.endpoint); add one: "
                + "git config account.\(target.space.owner).token env:NAME"
        }
        if runContext.isHook {
            return "the operator of this repository must configure one: "
                + "git config account.\(target.space.owner).token file:/path/to/token"
        }
        return runContext.endpoint.isLoopback
            ? "a Hub on this machine accepts any token: HF_TOKEN=hf_local spacesync push \(target.space)"
            : "create a token with write access at \(runContext.endpoint)/settings/tokens and set HF_TOKEN"
    }

    func statistics(_ seconds: Double) -> RunStatistics {
        RunStatistics(
            seconds: seconds, requests: meter.requests, bytesSent: meter.bytesSent,
            bytesReceived: meter.bytesReceived, endpoint: runContext.endpoint.description)
    }
}

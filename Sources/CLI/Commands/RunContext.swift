import Deploy
import DeploySettings
import Essentials
import Git
import HTTP
import HubAPI
import Reporting
import SpacesModel
import TextTools

/// Shared context of all targets of a run: Hub endpoint, HTTP client, tokens and cache.
struct RunContext: Sendable {
    let environment: CommandEnvironment
    let loaded: ResolvedSettings
    let endpoint: HubEndpoint
    private let clientOptions: HTTPClientOptions
    /// Proxies, certificates and rewritten addresses.
    var network: NetworkSettings { clientOptions.network }
    let accounts: TokenResolver
    let tokenFiles: TokenFiles
    let cache: Cache
    let reporter: any Reporter
    let assumesYes: Bool
    var commandHints: CommandHints
    /// Whether the command is `hook`: its output goes to a user who pushed and did not type this
    /// command.
    let isHook: Bool
    let logsSettings: Bool
    let sources = SourceCache()
    let lists: SpaceListCache
    /// The number of Spaces that are being watched.
    let activeWatches = ActiveWatchCounter()
    /// How long to wait for another run that holds the lock of the same Space.
    let lockWait: Duration
    /// The remaining requests of each account, as reported by the Hub.
    let rateLimits = RateLimitTracker()
    /// The longest wait before a retry that a server may request.
    var maxRetryWait: @Sendable () -> Duration = { .seconds(300) }
    private let tokens = TokenCache()
    private let promptMutex = AsyncMutex()
    let heavyWorkMutex = AsyncMutex()

    /// - Throws: kind `settings` for an endpoint to which no token may be sent.
    init(_ invocation: Invocation, _ loaded: ResolvedSettings) throws(DeployError) {
        environment = invocation.environment
        self.loaded = loaded
        lists = SpaceListCache(of: loaded.settings.selected.targets.map(\.space))
        reporter = invocation.reporter
        commandHints = CommandHints(invocation.arguments)
        commandHints.typedCommand = invocation.command.name
        if let repository = loaded.currentRepository, repository.source.workTree != nil,
            !repository.isTop(environment.directory)
        {
            commandHints.workTreeTop = URL(fileURLWithPath: repository.top).path
        }
        isHook = invocation.command.name == "hook"
        logsSettings = invocation.arguments.has(.verbose)
        assumesYes = invocation.arguments.has(.yes)
        endpoint = try HubEndpoint(environment, loaded.operators)
        let file = invocation.arguments.value(.tokenFile)
        lockWait = try invocation.arguments.duration(.wait) ?? .seconds(60)
        let invocationReporter = invocation.reporter
        // `doctor` prints a check for each of these files, and `mirror` reports them at the end of
        // a pass.
        let isReportedLater = ["doctor", "mirror"].contains(invocation.command.name)
        tokenFiles = TokenFiles(environment) { if !isReportedLater { invocationReporter.send(.warning($0)) } }
        accounts = TokenResolver(environment, loaded.operators, tokenFile: file, files: tokenFiles)
        clientOptions = try Self.clientOptions(
            environment, loaded.operators, loaded.settings.selected.targets.count, loaded.network(environment)
        )
        cache = Cache(at: Self.cachePath(environment, loaded.operators))
        try cache.checkOwner()
        if !endpoint.isHub, !endpoint.isLoopback { invocationReporter.send(.info("Hub: \(endpoint)")) }
    }

    /// Returns the HTTP options. `SPACESYNC_CONNECT_TIMEOUT` and similar variables override the
    /// settings, for tests and unreliable networks.
    private static func clientOptions(
        _ environment: CommandEnvironment, _ operators: OperatorSettings, _ targets: Int,
        _ network: NetworkSettings
    ) throws(DeployError) -> HTTPClientOptions {
        var options = HTTPClientOptions()
        options.userAgent = "spacesync/\(CommandLineTool.version)"
        options.network = network
        options.connectTimeout =
            try duration("CONNECT_TIMEOUT", environment) ?? operators.connectTimeout ?? options.connectTimeout
        options.idleTimeout =
            try duration("IDLE_TIMEOUT", environment) ?? operators.idleTimeout ?? options.idleTimeout
        // A watch needs two connections: one streams the log, the other sends API requests.
        options.connectionsPerHost = max(
            options.connectionsPerHost, 2 * max(operators.jobs, min(targets, ParallelRunner.watches)) + 2)
        options.retries =
            environment["SPACESYNC_RETRIES"].flatMap(Int.init) ?? operators.retries ?? options.retries
        return options
    }

    private static func duration(_ name: String, _ environment: CommandEnvironment) throws(DeployError)
        -> Duration?
    {
        guard let text = environment["SPACESYNC_" + name] else { return nil }
        guard let duration = Duration(text: text) else {
            throw DeployError(
                .settings, "SPACESYNC_\(name): invalid duration \"\(text)\"", hint: "use a value such as 10s")
        }
        return duration
    }

    private static func cachePath(_ environment: CommandEnvironment, _ operators: OperatorSettings) -> String
    {
        if let cache = operators.cache { return environment.absolute(cache.value) }
        return environment.cacheHome.map { $0 + "/spacesync" } ?? temporaryDirectory()
            + "spacesync-\(getuid())"
    }

    /// Returns the Hub token for a Space, in the order of design 3. The last sources are the token
    /// of an account that is a member of the Space's organisation, Git's credential helper, and the
    /// token exchange of a CI job.
    func token(for space: SpaceID, meter: TrafficCounter? = nil) async throws(DeployError) -> TokenResolver
        .FoundToken?
    {
        if let specific = try accounts.specificToken(space) { return specific }
        let publisher = OIDCTokenExchange(environment, client { _ in }, endpoint, meter)
        if publisher.isAsked, !accounts.isRestricted {
            return try await tokens.token(of: space, from: publisher)
        }
        if let defaultToken = try accounts.defaultToken() { return defaultToken }
        if let member = try await tokens.token(of: space.owner, among: accounts.namedTokens, meter, hub) {
            return member
        }
        if accounts.isRestricted { throw missingToken(of: space.owner) }
        if let known = await tokenFromCredentialHelper(space) { return known }
        return publisher.isOffered ? try await tokens.token(of: space, from: publisher) : nil
    }

    /// Returns the Hub token for all Spaces of an owner; `nil` if there is none.
    func token(ofOwner owner: String) async throws(DeployError) -> TokenResolver.FoundToken? {
        if let token = try accounts.token(for: owner) { return token }
        return try await tokens.token(of: owner, among: accounts.namedTokens, nil, hub)
    }

    private func missingToken(of owner: String) -> DeployError {
        DeployError(
            .permissionDenied,
            "this repository's configuration sets spacesync.endpoint, but has no token for \(owner)",
            details: ["no other token is sent to \(endpoint)"],
            hint: "git config account.\(owner).token env:NAME")
    }

    func hub(_ token: Secret?, _ meter: TrafficCounter? = nil) -> HubClient {
        HubClient(client { _ in }, endpoint: endpoint.url, token: token, meter: meter)
    }

    private func tokenFromCredentialHelper(_ space: SpaceID) async -> TokenResolver.FoundToken? {
        let url = endpoint.url.appending(path: "spaces/\(space)")
        guard let found = await CredentialHelper(environment: environment).find(for: url) else { return nil }
        return TokenResolver.FoundToken(secret: found.password, origin: "Git's credential helper")
    }

    /// Returns the credentials for reading a source: those of its `[source]` section or
    /// GITHUB_TOKEN; for a repository of the Hub, its owner's Hub token.
    /// - Parameter url: the URL that is requested.
    func authorization(forSource url: URL) throws(DeployError) -> Authorization? {
        if let configured = try accounts.authorization(forSource: url) { return configured }
        guard let origin = URLOrigin(url), origin == URLOrigin(endpoint.url) else { return nil }
        let components = url.path.split(separator: "/").map { String($0) }
        let owner =
            components.first.map { ["spaces", "datasets", "models"].contains($0) } == true
            ? components.dropFirst().first : components.first
        guard let owner, let token = try accounts.token(for: owner) else { return nil }
        return .basic(user: "spacesync", password: token.secret)
    }

    /// Returns a client that shares the run's connections and reports each retry to `onRetry`.
    func client(_ onRetry: @escaping @Sendable (Retry) -> Void) -> HTTPClient {
        var options = clientOptions
        (options.onRetry, options.rateLimitTracker, options.maxWait) = (onRetry, rateLimits, maxRetryWait)
        return HTTPClient(options)
    }

    /// The account names in the environment and the settings, as they are written.
    var accountNames: [String] {
        let sections = loaded.layers.flatMap(\.entries).filter { $0.section == "account" }
        return accounts.namesInEnvironment + sections.compactMap(\.subsection).filter { !$0.contains("/") }
    }

    var options: DeployOptions {
        var options = DeployOptions(
            version: CommandLineTool.version, now: { Int64(Date().timeIntervalSince1970) })
        options.preapproved = loaded.operators.trustedKeys
        options.isAutomatic = isHook || environment.isContinuousIntegration
        options.actor = loaded.operators.actor ? DeployActor.name(in: environment) : nil
        return options
    }

    /// Returns the options with the flags of a push applied.
    /// - Throws: kind `usage` for an unknown guard.
    func options(from arguments: Arguments) throws(DeployError) -> DeployOptions {
        var options = options
        options.waits = !arguments.has(.noWait)
        options.message = arguments.value(.message)
        options.prunes = arguments.has(.prune)
        if let force = arguments.value(.force) { options.overriddenGuards = try Guard.named(force) }
        if arguments.has(.adopt) { options.overriddenGuards.insert(.adopt) }
        return options
    }

    /// Asks a yes-or-no question about a target on the terminal, one at a time; other output is
    /// paused meanwhile.
    /// - Returns: true with `--yes`; `nil` if there is no terminal.
    func confirm(_ prompt: String, about space: SpaceID) async -> Bool? {
        if assumesYes { return true }
        guard environment.canAsk else { return nil }
        let isConfirmed = try? await promptMutex.withLock { () async throws(DeployError) in
            guard !Task.isCancelled else { return false }
            reporter.send(.promptBegin(space))
            defer { reporter.send(.promptEnd) }
            return await Prompt(environment).confirmDefaultNo(prompt)
        }
        return isConfirmed ?? false
    }

    /// Runs an operation that prints its own result: only an error is reported.
    func attempt(on target: Target, _ operation: (TargetContext) async throws(DeployError) -> Void) async
        -> DeployResult
    {
        await report(on: target, reportsSuccess: false) { (targetContext) async throws(DeployError) in
            try await operation(targetContext)
            return DeployResult(target.space, .unchanged)
        }
    }

    /// Runs an operation on one target and reports its result or error.
    func report(
        on target: Target, _ onPushed: @escaping @Sendable () async -> Void = {}, reportsSuccess: Bool = true,
        _ operation: (TargetContext) async throws(DeployError) -> DeployResult
    ) async -> DeployResult {
        let targetContext = TargetContext(target, self, onPushed)
        defer { targetContext.finish() }
        let clock = ContinuousClock()
        let start = clock.now
        var report: DeployResult
        do throws(DeployError) {
            guard !Task.isCancelled else { throw DeployError(.interrupted, "interrupted") }
            report = try await operation(targetContext)
        } catch {
            report = DeployResult(target.space, failure: error)
        }
        if let suggestion = target.suggestionHint, var failure = report.failure,
            failure.cause == .spaceMissing
        {
            failure.hint = [suggestion, failure.hint].compactMap { $0 }.joined(separator: "\n")
            report.failure = failure
        }
        if Task.isCancelled, report.failure != nil { report = interrupted(report) }
        for cacheError in FullCaches.drain() where report.failure?.kind != .tryLater {
            targetContext.log(
                .warning("the cache \(cacheError.directory) was not used: \(cacheError.message)"))
        }
        commandHints.complete(&report)
        report = report.redacted
        guard reportsSuccess || report.failure != nil, !hasLeftViewer(report) else { return report }
        let seconds = start.duration(to: clock.now) / .seconds(1)
        targetContext.reporter.finish(report, targetContext.statistics(seconds))
        return report
    }

    /// Whether the user has left a viewer, which is no failure to report.
    private func hasLeftViewer(_ report: DeployResult) -> Bool {
        report.outcome == .interrupted && Viewer.current?.isLeft == true
    }

    /// Acquires the lock of a Space on this machine, after at most `lockWait`.
    func lock(of space: SpaceID, _ onWait: (String) -> Void) async throws(DeployError) -> FileLock? {
        // "+" cannot occur in a part, so a-b/c and a/b-c have different file names.
        let name = "\(endpoint.fileName)+\(space.owner)+\(space.name)".lowercased()
        PlainFile.makeDirectory("locks", in: cache.path)
        return try await FileLock.acquire(
            cache.path + "/locks/" + name, for: space.description, waiting: lockWait, onWait: onWait)
    }

    /// Reports a target that was rejected before its deploy began.
    func report(on refused: RejectedTarget) -> DeployResult {
        let report = DeployResult(refused)
        reporter.send(.result(TargetResult(report, RunStatistics(endpoint: endpoint.description))))
        return report
    }

    private func interrupted(_ report: DeployResult) -> DeployResult {
        report.interrupted(
            hint: report.commit == nil || environment.isHubTemporary
                ? nil : "the deploy continues on the Hub; to follow it: spacesync watch \(report.space)")
    }
}

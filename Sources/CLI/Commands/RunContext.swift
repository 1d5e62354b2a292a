import Deploy
import DeploySettings
import Essentials
import Git
import HTTP
import HubAPI
import Reporting
import SpacesModel
import TextTools

/// What all targets of a run share: the Hub's address, one HTTP client, tokens, the cache.
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
    /// Nobody who reads this has typed a command here.
    let isHook: Bool
    let logsSettings: Bool
    let sources = SourceCache()
    let lists: SpaceListCache
    /// Spaces that are watched now.
    let activeWatches = ActiveWatchCounter()
    /// For so long a run waits for another that is at the same Space.
    let lockWait: Duration
    /// What the Hub says that an account has left.
    let rateLimits = RateLimitTracker()
    /// The longest wait that a server may ask for.
    var maxRetryWait: @Sendable () -> Duration = { .seconds(300) }
    private let tokens = TokenCache()
    private let promptMutex = AsyncMutex()
    let heavyWorkMutex = AsyncMutex()

    /// - Throws: kind `settings` for an endpoint that no token may travel to.
    init(_ invocation: Invocation, _ loaded: ResolvedSettings) throws(DeployError) {
        environment = invocation.environment
        self.loaded = loaded
        lists = SpaceListCache(of: loaded.selected.targets.map(\.space))
        reporter = invocation.reporter
        commandHints = CommandHints(invocation.arguments)
        commandHints.typedCommand = invocation.command.name
        if let home = loaded.currentRepository, home.source.workTree != nil,
            !home.isTop(environment.directory)
        {
            commandHints.workTreeTop = URL(fileURLWithPath: home.top).path
        }
        isHook = invocation.command.name == "hook"
        logsSettings = invocation.arguments.has(.verbose)
        assumesYes = invocation.arguments.has(.yes)
        endpoint = try HubEndpoint(environment, loaded.operators)
        let file = invocation.arguments.value(.tokenFile)
        lockWait = try invocation.arguments.duration(.wait) ?? .seconds(60)
        let voice = invocation.reporter
        // doctor has a line of its own for each of them, and mirror prints them at the end of a pass.
        let isReportedLater = ["doctor", "mirror"].contains(invocation.command.name)
        tokenFiles = TokenFiles(environment) { if !isReportedLater { voice.warn($0) } }
        accounts = TokenResolver(environment, loaded.operators, tokenFile: file, files: tokenFiles)
        clientOptions = try Self.clientOptions(
            environment, loaded.operators, loaded.selected.targets.count, loaded.network(environment))
        cache = Cache(at: Self.cachePath(environment, loaded.operators))
        try cache.checkOwner()
        if !endpoint.isHub, !endpoint.isLoopback { voice.info("Hub: \(endpoint)") }
    }

    /// `SPACESYNC_CONNECT_TIMEOUT` and the like go over the settings, for tests and for a bad day's network.
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
        // A log that is followed keeps one for itself, and the Hub is asked on another.
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
            throw DeployError(.settings, "SPACESYNC_\(name)=\(text) is no length of time", hint: "write 10s")
        }
        return duration
    }

    private static func cachePath(_ environment: CommandEnvironment, _ operators: OperatorSettings) -> String
    {
        if let cache = operators.cache { return environment.absolute(cache.value) }
        return environment.cacheHome.map { $0 + "/spacesync" } ?? temporaryDirectory()
            + "spacesync-\(getuid())"
    }

    /// The Hub token for a Space, in the order of design 3; at last what an account gives that is a member of the
    /// Space's organisation, what Git's credential helper knows, and what a CI job may ask for.
    func token(for space: SpaceID, meter: TrafficCounter? = nil) async throws(DeployError) -> TokenResolver
        .FoundToken?
    {
        if let own = try accounts.specificToken(space) { return own }
        let publisher = OIDCTokenExchange(environment, client { _ in }, endpoint, meter)
        if publisher.isAsked, !accounts.isRestricted {
            return try await tokens.token(of: space, from: publisher)
        }
        if let general = try accounts.defaultToken() { return general }
        if let member = try await tokens.token(of: space.owner, among: accounts.namedTokens, meter, hub) {
            return member
        }
        if accounts.isRestricted { throw missingToken(of: space.owner) }
        if let known = await tokenFromCredentialHelper(space) { return known }
        return publisher.isOffered ? try await tokens.token(of: space, from: publisher) : nil
    }

    /// The Hub token for all that an owner has; nil for nobody's.
    func token(ofOwner owner: String) async throws(DeployError) -> TokenResolver.FoundToken? {
        if let own = try accounts.token(for: owner) { return own }
        return try await tokens.token(of: owner, among: accounts.namedTokens, nil, hub)
    }

    private func missingToken(of owner: String) -> DeployError {
        DeployError(
            .permissionDenied,
            "no token for \(owner) beside spacesync.endpoint in this repository's configuration",
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

    /// Who reads a source: by its `[source]` section or GITHUB_TOKEN; a repository of the Hub by the Hub's own token.
    /// - Parameter url: the URL that is requested.
    func authorization(forSource url: URL) throws(DeployError) -> Authorization? {
        if let own = try accounts.authorization(forSource: url) { return own }
        guard let origin = URLOrigin(url), origin == URLOrigin(endpoint.url) else { return nil }
        let names = url.path.split(separator: "/").map { String($0) }
        let owner =
            names.first.map { ["spaces", "datasets", "models"].contains($0) } == true
            ? names.dropFirst().first : names.first
        guard let owner, let token = try accounts.token(for: owner) else { return nil }
        return .basic(user: "spacesync", password: token.secret)
    }

    /// A client over the connections that all share; what it repeats, it says.
    func client(_ onRetry: @escaping @Sendable (Retry) -> Void) -> HTTPClient {
        var options = clientOptions
        (options.onRetry, options.rateLimitTracker, options.maxWait) = (onRetry, rateLimits, maxRetryWait)
        return HTTPClient(options)
    }

    /// The accounts of the environment and the settings, as they are written.
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

    /// The same, with what the flags of a push say.
    /// - Throws: kind `usage` for a guard that is none.
    func options(from arguments: Arguments) throws(DeployError) -> DeployOptions {
        var options = options
        options.waits = !arguments.has(.noWait)
        options.message = arguments.value(.message)
        options.prunes = arguments.has(.prune)
        if let force = arguments.value(.force) { options.overriddenGuards = try Guard.named(force) }
        if arguments.has(.adopt) { options.overriddenGuards.insert(.adopt) }
        return options
    }

    /// Asks the person at the terminal about a target. One question at a time, and nothing is said meanwhile.
    func promptYesNo(_ prompt: String, about space: SpaceID) async -> Bool {
        await confirm(prompt, about: space) ?? false
    }

    /// Asks the same; `nil` if there is no terminal and no `--yes`.
    func confirm(_ prompt: String, about space: SpaceID) async -> Bool? {
        if assumesYes { return true }
        guard environment.canAsk else { return nil }
        let answer = try? await promptMutex.withLock { () async throws(DeployError) in
            guard !Task.isCancelled else { return false }
            reporter.pauseOutput(for: space)
            defer { reporter.resumeOutput() }
            return await Prompt(environment).confirmDefaultNo(prompt)
        }
        return answer ?? false
    }

    /// Runs the stories of several targets side by side, and gives their reports in the targets' order.
    func reports(
        on targets: [Target],
        _ operation: @escaping @Sendable (Target, TargetContext) async throws(DeployError) -> DeployResult
    ) async -> [DeployResult] {
        await ParallelRunner(width: loaded.operators.jobs).reports(of: targets) {
            (target, hasPushed) in
            await report(on: target, hasPushed) { (bench) async throws(DeployError) in
                try await operation(target, bench)
            }
        }
    }

    /// Runs one target's story and reports it, whatever ends it.
    func report(
        on target: Target, _ onPushed: @escaping @Sendable () async -> Void = {},
        _ operation: (TargetContext) async throws(DeployError) -> DeployResult
    ) async -> DeployResult {
        await report(on: target, onPushed, reportsSuccess: true, operation)
    }

    /// Runs what tells its result itself: only what ends it early is reported.
    func attempt(on target: Target, _ operation: (TargetContext) async throws(DeployError) -> Void) async
        -> DeployResult
    {
        await report(on: target, reportsSuccess: false) { (bench) async throws(DeployError) in
            try await operation(bench)
            return DeployResult(target.space, .unchanged)
        }
    }

    private func report(
        on target: Target, _ onPushed: @escaping @Sendable () async -> Void = {}, reportsSuccess: Bool,
        _ operation: (TargetContext) async throws(DeployError) -> DeployResult
    ) async -> DeployResult {
        let bench = TargetContext(target, self, onPushed)
        defer { bench.finish() }
        let clock = ContinuousClock()
        let start = clock.now
        var report: DeployResult
        do throws(DeployError) {
            guard !Task.isCancelled else { throw DeployError(.interrupted, "interrupted") }
            report = try await operation(bench)
        } catch {
            report = DeployResult(target.space, failure: error)
        }
        if let doubt = target.suggestionHint, var failure = report.failure, failure.cause == .spaceMissing {
            failure.hint = [doubt, failure.hint].compactMap { $0 }.joined(separator: "\n")
            report.failure = failure
        }
        if Task.isCancelled, report.failure != nil { report = interrupted(report) }
        for fault in FullCaches.drain() where report.failure?.kind != .tryLater {
            bench.log(.warning("the cache \(fault.directory) was not used: \(fault.message)"))
        }
        report = commandHints.complete(report).redacted
        guard reportsSuccess || report.failure != nil else { return report }
        let seconds = start.duration(to: clock.now) / .seconds(1)
        bench.reporter.finish(report, bench.statistics(seconds))
        return report
    }

    func lock(of space: SpaceID, _ onWait: (String) -> Void) async throws(DeployError) -> FileLock? {
        // "+" occurs in no part, so that a-b/c and a/b-c have different names.
        let name = "\(endpoint.fileName)+\(space.owner)+\(space.name)".lowercased()
        PlainFile.makeDirectory("locks", in: cache.path)
        return try await FileLock.acquire(
            cache.path + "/locks/" + name, for: space.description, waiting: lockWait, onWait: onWait)
    }

    /// Reports what is not even begun.
    func report(on refused: RejectedTarget) -> DeployResult {
        let report = DeployResult(refused)
        reporter.report(report, RunStatistics(endpoint: endpoint.description))
        return report
    }

    private func interrupted(_ report: DeployResult) -> DeployResult {
        var report = report
        report.outcome = .interrupted
        let hint =
            report.commit == nil || environment.isHubTemporary
            ? nil : "what the Hub accepted goes on there: spacesync watch \(report.space)"
        report.failure = DeployError(.interrupted, "\(report.space): interrupted", hint: hint)
        return report
    }
}

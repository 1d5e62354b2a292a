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
struct Workshop: Sendable {
    let world: World
    let loaded: LoadedSettings
    let endpoint: Endpoint
    private let clientOptions: ClientOptions
    /// Proxies, certificates and rewritten addresses.
    var network: NetworkSettings { clientOptions.network }
    let accounts: Accounts
    let tokenFiles: TokenFiles
    let cache: Cache
    let voice: any Voice
    let isQuestionAnswered: Bool
    var lines: ReadyLines
    /// Nobody who reads this has typed a command here.
    let isHook: Bool
    let tellsSettings: Bool
    let sources = SourceShelf()
    let lists: SpaceLists
    /// Spaces that are watched now.
    let watched = Watched()
    /// For so long a run waits for another that is at the same Space.
    let lockWait: Duration
    /// What the Hub says that an account has left.
    let allowance = Allowance()
    /// The longest wait that a server may ask for.
    var patience: @Sendable () -> Duration = { .seconds(300) }
    private let tokens = TokenShelf()
    private let questions = Turns()
    let heavy = Turns()

    /// - Throws: kind `settings` for an endpoint that no token may travel to.
    init(_ invocation: Invocation, _ loaded: LoadedSettings) throws(Failure) {
        world = invocation.world
        self.loaded = loaded
        lists = SpaceLists(of: loaded.chosen.targets.map(\.space))
        voice = invocation.voice
        lines = ReadyLines(invocation.arguments)
        lines.typed = invocation.command.name
        if let home = loaded.home, home.source.workTree != nil, !home.isTop(world.directory) {
            lines.top = URL(fileURLWithPath: home.top).path
        }
        isHook = invocation.command.name == "hook"
        tellsSettings = invocation.arguments.has(.verbose)
        isQuestionAnswered = invocation.arguments.has(.yes)
        endpoint = try Endpoint(world, loaded.operators)
        let file = invocation.arguments.value(.tokenFile)
        lockWait = try invocation.arguments.duration(.wait) ?? .seconds(60)
        let voice = invocation.voice
        // doctor has a line of its own for each of them, and mirror prints them at the end of a pass.
        let isReportedLater = ["doctor", "mirror"].contains(invocation.command.name)
        tokenFiles = TokenFiles(world) { if !isReportedLater { voice.warn($0) } }
        accounts = Accounts(world, loaded.operators, tokenFile: file, files: tokenFiles)
        clientOptions = try Self.clientOptions(
            world, loaded.operators, loaded.chosen.targets.count, loaded.network(world))
        cache = Cache(at: Self.cachePath(world, loaded.operators))
        try cache.checkOwner()
        if !endpoint.isHub, !endpoint.isLoopback { voice.note("Hub: \(endpoint)") }
    }

    /// `SPACESYNC_CONNECT_TIMEOUT` and the like go over the settings, for tests and for a bad day's network.
    private static func clientOptions(
        _ world: World, _ operators: OperatorSettings, _ targets: Int, _ network: NetworkSettings
    ) throws(Failure) -> ClientOptions {
        var options = ClientOptions()
        options.userAgent = "spacesync/\(Console.version)"
        options.network = network
        options.connectTimeout =
            try duration("CONNECT_TIMEOUT", world) ?? operators.connectTimeout ?? options.connectTimeout
        options.idleTimeout =
            try duration("IDLE_TIMEOUT", world) ?? operators.idleTimeout ?? options.idleTimeout
        // A log that is followed keeps one for itself, and the Hub is asked on another.
        options.connectionsPerHost = max(
            options.connectionsPerHost, 2 * max(operators.jobs, min(targets, SideBySide.watches)) + 2)
        options.retries = world["SPACESYNC_RETRIES"].flatMap(Int.init) ?? operators.retries ?? options.retries
        return options
    }

    private static func duration(_ name: String, _ world: World) throws(Failure) -> Duration? {
        guard let text = world["SPACESYNC_" + name] else { return nil }
        guard let duration = Duration(text: text) else {
            throw Failure(.settings, "SPACESYNC_\(name)=\(text) is no length of time", hint: "write 10s")
        }
        return duration
    }

    private static func cachePath(_ world: World, _ operators: OperatorSettings) -> String {
        if let cache = operators.cache { return world.absolute(cache.value) }
        return world.cacheHome.map { $0 + "/spacesync" } ?? temporaryDirectory() + "spacesync-\(getuid())"
    }

    /// The Hub token for a Space, in the order of design 3; at last what an account gives that is a member of the
    /// Space's organisation, what Git's credential helper knows, and what a CI job may ask for.
    func token(for space: SpaceID, meter: Meter? = nil) async throws(Failure) -> Accounts.FoundToken? {
        if let own = try accounts.own(space) { return own }
        let publisher = TrustedPublisher(world, client { _ in }, endpoint, meter)
        if publisher.isAsked, !accounts.isRestricted {
            return try await tokens.token(of: space, from: publisher)
        }
        if let general = try accounts.general() { return general }
        if let member = try await tokens.token(of: space.owner, among: accounts.named, meter, hub) {
            return member
        }
        if accounts.isRestricted { throw withoutToken(of: space.owner) }
        if let known = await helped(space) { return known }
        return publisher.isOffered ? try await tokens.token(of: space, from: publisher) : nil
    }

    /// The Hub token for all that an owner has; nil for nobody's.
    func token(ofOwner owner: String) async throws(Failure) -> Accounts.FoundToken? {
        if let own = try accounts.token(for: owner) { return own }
        return try await tokens.token(of: owner, among: accounts.named, nil, hub)
    }

    private func withoutToken(of owner: String) -> Failure {
        Failure(
            .notAllowed, "no token for \(owner) beside spacesync.endpoint in this repository's configuration",
            details: ["no other token is sent to \(endpoint)"],
            hint: "git config account.\(owner).token env:NAME")
    }

    func hub(_ token: Secret?, _ meter: Meter? = nil) -> HubClient {
        HubClient(client { _ in }, endpoint: endpoint.url, token: token, meter: meter)
    }

    private func helped(_ space: SpaceID) async -> Accounts.FoundToken? {
        let url = endpoint.url.appending(path: "spaces/\(space)")
        guard let found = await CredentialHelper(world: world).find(for: url) else { return nil }
        return Accounts.FoundToken(secret: found.password, origin: "Git's credential helper")
    }

    /// Who reads a source: by its `[source]` section or GITHUB_TOKEN; a repository of the Hub by the Hub's own token.
    /// - Parameter url: the URL that is requested.
    func authorization(forSource url: URL) throws(Failure) -> Authorization? {
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
    func client(_ onRetry: @escaping @Sendable (Retry) -> Void) -> Client {
        var options = clientOptions
        (options.onRetry, options.allowance, options.longestWait) = (onRetry, allowance, patience)
        return Client(options)
    }

    /// The accounts of the environment and the settings, as they are written.
    var accountNames: [String] {
        let sections = loaded.layers.flatMap(\.entries).filter { $0.section == "account" }
        return accounts.namesInEnvironment + sections.compactMap(\.subsection).filter { !$0.contains("/") }
    }

    var options: DeployOptions {
        var options = DeployOptions(
            version: Console.version, now: { Int64(Date().timeIntervalSince1970) })
        options.trusted = loaded.operators.trusted
        options.isAutomatic = isHook || world.isContinuousIntegration
        options.actor = loaded.operators.actor ? Deployer.name(in: world) : nil
        return options
    }

    /// The same, with what the flags of a push say.
    /// - Throws: kind `usage` for a guard that is none.
    func options(from arguments: Arguments) throws(Failure) -> DeployOptions {
        var options = options
        options.waits = !arguments.has(.noWait)
        options.message = arguments.value(.message)
        options.prunes = arguments.has(.prune)
        if let force = arguments.value(.force) { options.forced = try Guard.named(force) }
        if arguments.has(.adopt) { options.forced.insert(.adopt) }
        return options
    }

    /// Asks the person at the terminal about a target. One question at a time, and nothing is said meanwhile.
    func ask(_ question: String, about space: SpaceID) async -> Bool {
        await confirm(question, about: space) ?? false
    }

    /// Asks the same; `nil` if there is no terminal and no `--yes`.
    func confirm(_ question: String, about space: SpaceID) async -> Bool? {
        if isQuestionAnswered { return true }
        guard world.canAsk else { return nil }
        let answer = try? await questions.take { () async throws(Failure) in
            guard !Task.isCancelled else { return false }
            voice.hold(for: space)
            defer { voice.release() }
            return await Question(world).ask(question)
        }
        return answer ?? false
    }

    /// Runs the stories of several targets side by side, and gives their reports in the targets' order.
    func reports(
        on targets: [Target], _ story: @escaping @Sendable (Target, Bench) async throws(Failure) -> Report
    ) async -> [Report] {
        await SideBySide(width: loaded.operators.jobs).reports(of: targets) {
            (target, hasPushed) in
            await report(on: target, hasPushed) { (bench) async throws(Failure) in
                try await story(target, bench)
            }
        }
    }

    /// Runs one target's story and reports it, whatever ends it.
    func report(
        on target: Target, _ hasPushed: @escaping @Sendable () async -> Void = {},
        _ story: (Bench) async throws(Failure) -> Report
    ) async -> Report {
        await report(on: target, hasPushed, tellsSuccess: true, story)
    }

    /// Runs what tells its result itself: only what ends it early is reported.
    func attempt(on target: Target, _ verb: (Bench) async throws(Failure) -> Void) async -> Report {
        await report(on: target, tellsSuccess: false) { (bench) async throws(Failure) in
            try await verb(bench)
            return Report(target.space, .unchanged)
        }
    }

    private func report(
        on target: Target, _ hasPushed: @escaping @Sendable () async -> Void = {}, tellsSuccess: Bool,
        _ story: (Bench) async throws(Failure) -> Report
    ) async -> Report {
        let bench = Bench(target, self, hasPushed)
        defer { bench.isDone() }
        let clock = ContinuousClock()
        let start = clock.now
        var report: Report
        do throws(Failure) {
            guard !Task.isCancelled else { throw Failure(.interrupted, "interrupted") }
            report = try await story(bench)
        } catch {
            report = Report(target.space, failure: error)
        }
        if let doubt = target.doubt, var failure = report.failure, failure.cause == .spaceMissing {
            failure.hint = [doubt, failure.hint].compactMap { $0 }.joined(separator: "\n")
            report.failure = failure
        }
        if Task.isCancelled, report.failure != nil { report = interrupted(report) }
        for fault in FullCaches.take() where report.failure?.kind != .tryLater {
            bench.say(.warning("the cache \(fault.directory) was not used: \(fault.words)"))
        }
        report = lines.complete(report).redacted
        guard tellsSuccess || report.failure != nil else { return report }
        let seconds = start.duration(to: clock.now) / .seconds(1)
        bench.story.end(report, bench.cost(seconds))
        return report
    }

    func lock(of space: SpaceID, _ onWait: (String) -> Void) async throws(Failure) -> FileLock? {
        // "+" occurs in no part, so that a-b/c and a/b-c have different names.
        let name = "\(endpoint.fileName)+\(space.owner)+\(space.name)".lowercased()
        PlainFile.makeDirectory("locks", in: cache.path)
        return try await FileLock.take(
            cache.path + "/locks/" + name, for: space.description, waiting: lockWait, onWait: onWait)
    }

    /// Reports what is not even begun.
    func report(on refused: RefusedTarget) -> Report {
        let report = Report(refused)
        voice.report(report, Cost(endpoint: endpoint.description))
        return report
    }

    private func interrupted(_ report: Report) -> Report {
        var report = report
        report.outcome = .interrupted
        let hint =
            report.commit == nil || world.hubIsPassing
            ? nil : "what the Hub accepted goes on there: spacesync watch \(report.space)"
        report.failure = Failure(.interrupted, "\(report.space): interrupted", hint: hint)
        return report
    }
}

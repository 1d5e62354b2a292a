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
struct Bench: Sendable {
    let target: Target
    let workshop: Workshop
    private let meter: Meter
    private let client: Client
    let story: Story
    let say: Say

    private let hasPushed: @Sendable () async -> Void
    private let isWatched = Once()

    init(_ target: Target, _ workshop: Workshop, _ hasPushed: @escaping @Sendable () async -> Void = {}) {
        (self.target, self.workshop, self.hasPushed) = (target, workshop, hasPushed)
        let story = Story(of: target.space, workshop.lines, by: workshop.voice)
        self.story = story
        say = { story.say($0) }
        meter = Meter()
        client = workshop.client { [say] in
            say(.retry(what: $0.what, attempt: $0.attempt, wait: $0.wait, why: $0.why))
        }
    }

    /// The story is over.
    func isDone() { if isWatched.isSet { workshop.watched.add(-1) } }

    typealias Work = Deployment<Source, ObjectStore, GitSpace, HubSpace, SpaceKeeper>

    /// - Parameter limit: of the watch, where it is less than the target's own.
    /// - Throws: kind `source` when there is nothing to deploy from, `notAllowed` when a push has no token.
    func deployment(_ options: DeployOptions, within limit: Duration? = nil) async throws(Failure) -> Work {
        let (source, own) = try await openedSource()
        var shaped = own
        shaped.timeout = min(shaped.timeout, limit ?? shaped.timeout)
        let target = shaped
        if workshop.tellsSettings { tellSettings(of: target) }
        let (token, common) = try await admitted(options)
        var options = common
        if token != nil, !options.isWhole { options.judge = judge(hubSpace(token).hub) }
        let store = try await store(joining: source)
        return Deployment(
            target, source: source, store: store, space: gitSpace(store, token, options),
            builds: hubSpace(token),
            keeper: try await keeper(of: target, hubSpace(token)), images: try images(for: target),
            carrier: carrier(from: source, in: store, token, isWritable: !options.isPlan),
            prober: try await prober(of: target, token?.secret), options: options, say: say)
    }

    /// The token for the Space, and what every way of pushing to it has in common.
    /// - Throws: kind `notAllowed` when a push has no token.
    private func admitted(
        _ options: DeployOptions
    ) async throws(Failure) -> (token: Accounts.FoundToken?, options: DeployOptions) {
        let token = try await workshop.token(for: target.space, meter: meter)
        if let token { say(.detail("token: \(token.origin)")) }
        guard token != nil || options.isPlan else { throw missingToken }
        var options = options
        options.lock = { [workshop, space = target.space] (onWait) async throws(Failure) in
            try await workshop.lock(of: space, onWait)
        }
        options.hasPushed = { [workshop, hasPushed, isWatched] in
            await hasPushed()
            if isWatched.set() { workshop.watched.add(1) }
        }
        options.watched = { [workshop] in workshop.watched.count }
        options.outcomes = workshop.outcomes(of: target.space)
        if let token, !token.isOfOneSpace {
            // A Space that the last pass found well still runs what it ran, if it runs and its head did not move.
            let (hub, needsCommit) = (hubSpace(token).hub, options.probesUnchanged)
            options.before = { [workshop, space = target.space] ask in
                await workshop.lists.info(of: space, hub, needsCommit: needsCommit, orBy: ask)
            }
        }
        options.canAsk = workshop.world.canAsk
        options.ask = { [workshop, space = target.space] in await workshop.ask($0, about: space) }
        options.confirm = { [workshop, space = target.space] in await workshop.confirm($0, about: space) }
        return (token, options)
    }

    /// From one tree of the Space to another: no source is opened.
    /// - Throws: kind `notAllowed` when a push has no token.
    func way(
        _ options: DeployOptions
    ) async throws(Failure) -> Deployment<NoSource, ObjectStore, GitSpace, HubSpace, SpaceKeeper> {
        let (token, options) = try await admitted(options)
        let store = try await workshop.cache.store(for: remote.absoluteString)
        let keeper = try await keeper(of: Target(space: target.space), hubSpace(token))
        return Deployment(
            target, source: NoSource(), store: store, space: gitSpace(store, token, options),
            builds: hubSpace(token), keeper: keeper, images: NoImages(), carrier: NoCarrier(),
            prober: try await prober(of: target, token?.secret), options: options, say: say)
    }

    /// What runs on another Space, to this one.
    func promotion(
        from: SpaceID, _ options: DeployOptions
    ) async throws(Failure) -> Deployment<
        PromotedSource<Source>, ObjectStore, GitSpace, HubSpace, SpaceKeeper
    > {
        let (token, options) = try await admitted(options)
        let other = try await workshop.token(for: from, meter: meter)
        let hub = HubClient(client, endpoint: workshop.endpoint.url, token: other?.secret, meter: meter)
        let target = target.taking(try await HubSpace(hub, from).runningCommit())
        let source = try await Source.open(space: from, other, workshop, client, meter)
        let store = try await store(joining: source)
        return Deployment(
            target, source: PromotedSource(source, from), store: store,
            space: gitSpace(store, token, options),
            builds: hubSpace(token), keeper: try await keeper(of: target, hubSpace(token)),
            images: NoImages(),
            carrier: carrier(from: source, in: store, token, isWritable: !options.isPlan),
            prober: try await prober(of: target, token?.secret), options: options, say: say)
    }

    /// Searches every file of this Space for credentials before it, or a copy of it, becomes more visible.
    /// - Throws: kind `guarded` with what was found.
    func checkExposure(
        to visibility: String, of copy: SpaceID? = nil, allowing allowed: [String]
    ) async throws(Failure) {
        var options = DeployOptions(version: Console.version, now: { 0 })
        options.isPlan = true
        say(.step("Searching \(target.space) for credentials before it is shown"))
        let token = try await workshop.token(for: target.space, meter: meter)
        let store = try await workshop.cache.store(for: remote.absoluteString)
        let check = ExposureCheck(of: gitSpace(store, token, options), in: store, allowing: allowed)
        let result = try await check.result(at: "main")
        result.warnings.forEach(say)
        let failure = Failure.exposure(
            result.findings, of: target.space, as: copy ?? target.space, to: visibility)
        if let failure { throw failure }
    }

    private func gitSpace(
        _ store: ObjectStore, _ token: Accounts.FoundToken?, _ options: DeployOptions
    ) -> GitSpace {
        GitSpace(
            at: remote, named: target.space.description, store: store, client: client,
            authorization: token.map { .basic(user: "spacesync", password: $0.secret) }, meter: meter,
            isWritable: !options.isPlan, cache: workshop.cache, agent: "spacesync/\(Console.version)")
    }

    /// The probes alone.
    func verification() async throws(Failure) -> Report {
        guard !target.probes.isEmpty else {
            throw Failure(
                .usage, "\(target.space) has no probes",
                hint: "git config --add 'space.\(target.space).probe' 'GET / 200', or -c 'probe=/health 200'")
        }
        let token = try await workshop.token(for: target.space)
        return await Work.verify(
            target, hubSpace(token), try await prober(of: target, token?.secret), say: say
        ) { () async throws(Failure) in
            let source = try await Source.open(sourceLocation(), workshop, client, meter)
            return (source, try await store(joining: source))
        }
    }

    /// Where nothing is probed, no value is looked for.
    private func prober(of target: Target, _ token: Secret?) async throws(Failure) -> AppProber {
        let isFromOutside = target.probeHeaders.contains { $0.origin.isTravelling }
        let tokens = isFromOutside ? workshop.accounts.hubTokens + [token].compactMap { $0 } : []
        let credentials = ProbeHeaders.Credentials(values: Set(tokens)) { [workshop] in
            workshop.accounts.isCredential(variable: $0)
        }
        let headers = try await ProbeHeaders(
            of: target, valueReader, withholding: credentials, base: base)
        return AppProber(client, meter: meter, headers: headers.lines, secrets: headers.secrets)
    }

    /// - Parameter token: nil for none; without a Hub where `isOffline`.
    private func carrier(
        from source: Source, in store: ObjectStore, _ token: Accounts.FoundToken?, isWritable: Bool,
        isOffline: Bool = false
    ) -> LargeFileCarrier {
        var access = LargeFileCarrier.Access(
            client: client, meter: meter, directory: workshop.cache.path,
            named: namedHosts
        ) { [workshop] (url, isForeign) throws(Failure) in
            // What a file of the source names gets no token of the Hub.
            try isForeign
                ? workshop.accounts.authorization(forSource: url)
                : workshop.authorization(forSource: url)
        }
        (access.jobs, access.heavy) = (workshop.loaded.operators.jobs, workshop.heavy)
        let space = LargeFileCarrier.Space(
            at: remote, named: target.space.description,
            authorization: token.map { .bearer($0.secret) }, branch: target.spaceBranch)
        return LargeFileCarrier(
            from: source.repository, in: store, to: isOffline ? nil : space, isWritable: isWritable, access)
    }

    /// The registries that may be asked about the target's image: with the operator's credentials for its own, and those
    /// on this machine or in a private network where the operator names them, by the image itself or a `[source]`.
    private func images(for target: Target) throws(Failure) -> ImageMemory {
        var named = namedHosts
        guard let image = target.image else {
            return ImageMemory(RegistryClient(client, allowedHosts: named, meter: meter))
        }
        if case .travelling = target.setting("image")?.origin {} else { named.insert(image.registry) }
        let own = try workshop.accounts.credentials(forRegistry: image.registry)
        return ImageMemory(
            RegistryClient(client, credentials: [own].compactMap { $0 }, allowedHosts: named, meter: meter))
    }

    /// The hosts, each with its port, that the operator names with a `[source]` section.
    var namedHosts: Set<String> {
        Set(
            workshop.loaded.operators.sources.keys.map { origin in
                let host = origin.host.contains(":") ? "[\(origin.host)]" : origin.host
                return "\(host):\(origin.port)"
            })
    }

    /// Where nothing is compared, no value is looked for.
    private func keeper(of target: Target, _ space: HubSpace) async throws(Failure) -> SpaceKeeper {
        let values = try await values(of: target)
        let memory = FingerprintMemory(in: workshop.cache.path + "/fingerprints")
        return SpaceKeeper(space, values.wishes, secrets: values.secrets, memory)
    }

    private func values(of target: Target) async throws(Failure) -> WishedValues {
        try await WishedValues(of: target, valueReader, base: base)
    }

    private var valueReader: ValueReader {
        var reader = ValueReader(workshop.world)
        reader.files = workshop.tokenFiles
        return reader
    }

    /// What the target's settings want besides files.
    func wishes() async throws(Failure) -> Wishes { try await values(of: target).wishes }

    /// What the target is deployed from.
    func source() async throws(Failure) -> Source {
        try await Source.open(sourceLocation(), workshop, client, meter)
    }

    /// The registry of the target's image.
    func images() throws(Failure) -> ImageMemory { try images(for: target) }

    private func judge(_ hub: HubClient) -> CardJudge {
        CardJudge { (readme) async throws(Failure) in
            try await hub.validateYAML(String(decoding: readme, as: UTF8.self))
        }
    }

    private var remote: URL { workshop.endpoint.url.appending(path: "spaces/\(target.space)") }

    private func store(joining source: Source) async throws(Failure) -> ObjectStore {
        try await workshop.cache.store(for: remote.absoluteString, joining: [await source.objects])
    }

    /// Without token and Hub.
    func inspection() async throws(Failure) -> Inspection<Source, ObjectStore> {
        let (source, shaped) = try await openedSource()
        let store =
            target.space.isFolder
            ? try await workshop.cache.passingStore(joining: [await source.objects])
            : try await store(joining: source)
        let target = shaped
        let carrier = carrier(from: source, in: store, nil, isWritable: false, isOffline: true)
        return Inspection(target, source: source, store: store, carrier: carrier, say: say)
    }

    /// The target with what the `.spacesync` of its source says, where that is another repository than this run's own.
    func target(shapedBy source: Source) async throws(Failure) -> Target {
        guard let location = try sourceLocation(), let written = target.source?.value else { return target }
        if case .path(let path) = location, workshop.loaded.home?.isAt(path) == true { return target }
        guard let file = try await source.settingsFile() else { return target }
        let name = ".spacesync of \(RepositoryName.shown(written)) at HEAD"
        return try workshop.loaded.target(target.space, shapedBy: file, named: name)
    }

    private func tellSettings(of target: Target) {
        for setting in target.effective {
            say(.detail("\(setting.shown)  (\(setting.origin.place(setting.line)))"))
        }
    }

    /// For the commands that only look.
    func hubSpace() async throws(Failure) -> HubSpace {
        hubSpace(try await workshop.token(for: target.space, meter: meter))
    }

    private func hubSpace(_ token: Accounts.FoundToken?) -> HubSpace {
        HubSpace(
            HubClient(client, endpoint: workshop.endpoint.url, token: token?.secret, meter: meter),
            target.space)
    }

    private var missingToken: Failure {
        Failure(
            .notAllowed, "no Hub token was found to push to \(target.space)",
            details: [
                "looked at --token-file, [account], HF_USER, HF_OIDC_RESOURCE, \(Accounts.variables.joined(separator: ", ")), the file of hf, Git's credential helper"
            ],
            hint: tokenHint)
    }

    private var tokenHint: String {
        if workshop.accounts.isRestricted {
            return "only tokens beside spacesync.endpoint are sent to \(workshop.endpoint): "
                + "git config account.\(target.space.owner).token env:NAME"
        }
        if workshop.isHook {
            return "who runs this repository gives it one: "
                + "git config account.\(target.space.owner).token file:/path/to/token"
        }
        return workshop.endpoint.isLoopback
            ? "any token will do on a Hub of this machine: HF_TOKEN=hf_local spacesync push \(target.space)"
            : "make a token with write access at \(workshop.endpoint)/settings/tokens and set HF_TOKEN"
    }

    func cost(_ seconds: Double) -> Cost {
        Cost(
            seconds: seconds, requests: meter.requests, bytesSent: meter.bytesSent,
            bytesReceived: meter.bytesReceived, endpoint: workshop.endpoint.description)
    }
}

import Deploy
import DeploySettings
import Documentation
import HubAPI
import SpacesModel

/// The command `status`: the state of one Space or several.
struct StatusCommand: Sendable {
    static let command = Command(
        .status, aliases: ["info"], flags: Flag.spaceCommand
    ) { (invocation) async throws(DeployError) in
        let context = try await SpaceCommandContext(invocation, invocation.arguments.positionals)
        let loaded = context.loaded
        // Spaces that only an untrusted file names are not requested: the output could reveal a
        // private Space.
        let untrusted = loaded.settings.selected.refused.filter(\.isNamedOnlyByFile)
        let refused = loaded.refused.filter { !$0.isNamedOnlyByFile }
        let all = (loaded.targets.map(\.space) + refused.map(\.space)).sorted()
        let spaces = loaded.named.isEmpty ? all : loaded.named
        guard !spaces.isEmpty || !untrusted.isEmpty else {
            throw DeployError(
                .usage, "no Space given, and none configured",
                hint: "run spacesync status owner/name, or spacesync list for all Spaces of an account")
        }
        let codes = untrusted.map { context.runContext.report(on: $0).exitCode }
        return DeployError.Kind.mostSevere(
            of: [try await StatusCommand(context: context, spaces: spaces).run()] + codes)
    }

    let context: SpaceCommandContext
    let spaces: [SpaceID]

    /// Sends two requests for each Space, and one for all prices.
    func run() async throws(DeployError) -> Int {
        async let prices = context.runContext.hub(nil).hardware()
        let collector = StatusCollector()
        let reports = await ParallelRunner(width: context.loaded.operators.jobs).reports(of: spaces) {
            space in
            await context.report(on: space) { (hub, _) async throws(DeployError) in
                await collector.add(try await SpaceStatus(hub))
            }
        }
        let hardware = (try? await prices) ?? []
        var statuses: [SpaceStatus] = []
        for space in spaces { if let status = await collector.all[space] { statuses.append(status) } }
        StatusText(context: context, hardware: hardware).print(statuses, asTable: spaces.count > 1)
        return DeployResult.exitCode(of: reports)
    }
}

private actor StatusCollector {
    private(set) var all: [SpaceID: SpaceStatus] = [:]
    func add(_ state: SpaceStatus) { all[state.space] = state }
}

/// The state of a Space, with the last deploy in its history.
struct SpaceStatus: Sendable {
    let space: SpaceID
    let record: SpaceRecord
    /// The latest commits, newest first.
    let commits: [SpaceCommit]
    /// The maximum number of commits that are fetched.
    static let commitLimit = 50

    /// Fetches the state with two requests.
    init(_ hub: HubSpace) async throws(DeployError) {
        space = hub.space
        record = try await hub.record()
        commits = try await hub.commits(limit: Self.commitLimit)
    }

    var runtime: Runtime? { record.info.runtime }
    var head: SpaceCommit? { commits.first { $0.id == record.info.sha } ?? commits.first }
    /// The last deploy, recognised by its trailer `Source-Commit`; `nil` if there is none among the
    /// commits.
    var deploy: SpaceCommit? { commits.first { $0.trailers["Source-Commit"] != nil } }
    /// The number of commits that others made after the last deploy; `nil` if there is no deploy.
    var commitsSinceDeploy: Int? { deploy.flatMap { deploy in commits.firstIndex { $0.id == deploy.id } } }
    /// Whether dev mode is on: a push then does not rebuild the Space.
    var isInDevMode: Bool { record.json["runtime"]["devMode"].bool ?? false }
    /// Whether the running commit is the head; `nil` if the Hub does not report it.
    var runsHead: Bool? { runtime?.sha.map { $0 == record.info.sha } }
}

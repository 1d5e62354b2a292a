import Deploy
import DeploySettings
import Documentation
import HubAPI
import SpacesModel

extension Command {
    static let status = Command(
        .status, aliases: ["info"], flags: Flag.spaceCommand
    ) { (invocation) async throws(DeployError) in
        let office = try await SpaceCommandContext(invocation, invocation.arguments.positionals)
        let loaded = office.loaded
        // What a stranger's file names is not asked about: the answer would show a private Space.
        let strange = loaded.selected.refused.filter(\.isNamedOnlyByFile)
        let known = loaded.refused.filter { !$0.isNamedOnlyByFile }
        let all = (loaded.targets.map(\.space) + known.map(\.space)).sorted()
        let spaces = loaded.named.isEmpty ? all : loaded.named
        guard !spaces.isEmpty || !strange.isEmpty else {
            throw DeployError(
                .usage, "no Space is named, and no settings name one",
                hint: "spacesync status owner/name, or spacesync list for all of an account")
        }
        let codes = strange.map { office.runContext.report(on: $0).exitCode }
        return DeployResult.mostSevere(
            of: [try await StatusRun(context: office, spaces: spaces).run()] + codes)
    }
}

private struct StatusRun: Sendable {
    let context: SpaceCommandContext
    let spaces: [SpaceID]

    /// Two requests for each Space, and one for the prices of all.
    func run() async throws(DeployError) -> Int {
        async let prices = context.runContext.hub(nil).hardware()
        let states = StatusCollector()
        let reports = await ParallelRunner(width: context.loaded.operators.jobs).reports(of: spaces) {
            space in
            await context.report(on: space) { (hub, _) async throws(DeployError) in
                await states.add(try await SpaceStatus(hub))
            }
        }
        let hardware = (try? await prices) ?? []
        var found: [SpaceStatus] = []
        for space in spaces { if let state = await states.all[space] { found.append(state) } }
        StatusText(context: context, hardware: hardware).print(found, asTable: spaces.count > 1)
        return DeployResult.exitCode(of: reports)
    }
}

private actor StatusCollector {
    private(set) var all: [SpaceID: SpaceStatus] = [:]
    func add(_ state: SpaceStatus) { all[state.space] = state }
}

/// A Space, and what its history says of the last deploy.
struct SpaceStatus: Sendable {
    let space: SpaceID
    let record: SpaceRecord
    /// The newest first.
    let commits: [SpaceCommit]
    /// So many are looked at.
    static let commitLimit = 50

    /// Two requests.
    init(_ hub: HubSpace) async throws(DeployError) {
        space = hub.space
        record = try await hub.record()
        commits = try await hub.commits(limit: Self.commitLimit)
    }

    var runtime: Runtime? { record.info.runtime }
    var head: SpaceCommit? { commits.first { $0.id == record.info.sha } ?? commits.first }
    /// The last deploy that says where it comes from.
    var deploy: SpaceCommit? { commits.first { $0.trailers["Source-Commit"] != nil } }
    /// Commits that came after it: somebody else's.
    var commitsSinceDeploy: Int? { deploy.flatMap { deploy in commits.firstIndex { $0.id == deploy.id } } }
    /// A push does not rebuild it then.
    var isInDevMode: Bool { record.json["runtime"]["devMode"].bool ?? false }
    /// nil where the Hub does not say which commit runs.
    var runsHead: Bool? { runtime?.sha.map { $0 == record.info.sha } }
}

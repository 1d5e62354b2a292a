import Deploy
import DeploySettings
import HubAPI
import SpacesModel

extension Command {
    static let status = Command(
        name: "status", aliases: ["info"], synopsis: "[SPACE…]",
        summary: "what runs where, from which source commit, at what price",
        details: "Without names: all Spaces of the settings. A public Space needs no token.", flags: Flag.verb
    ) { (invocation) async throws(Failure) in
        let office = try await Office(invocation, invocation.arguments.words)
        let loaded = office.loaded
        // What a stranger's file names is not asked about: the answer would show a private Space.
        let strange = loaded.chosen.refused.filter(\.isNamedByFileAlone)
        let known = loaded.refused.filter { !$0.isNamedByFileAlone }
        let all = (loaded.targets.map(\.space) + known.map(\.space)).sorted()
        let spaces = loaded.named.isEmpty ? all : loaded.named
        guard !spaces.isEmpty || !strange.isEmpty else {
            throw Failure(
                .usage, "no Space is named, and no settings name one",
                hint: "spacesync status owner/name, or spacesync list for all of an account")
        }
        let codes = strange.map { office.workshop.report(on: $0).exitCode }
        return Report.gravest(of: [try await StatusRun(office: office, spaces: spaces).run()] + codes)
    }
}

private struct StatusRun: Sendable {
    let office: Office
    let spaces: [SpaceID]

    /// Two requests for each Space, and one for the prices of all.
    func run() async throws(Failure) -> Int {
        async let prices = office.workshop.hub(nil).hardware()
        let states = Gathered()
        let reports = await SideBySide(width: office.loaded.operators.jobs).reports(of: spaces) { space in
            await office.report(on: space) { (hub, _) async throws(Failure) in
                await states.add(try await SpaceState(hub))
            }
        }
        let hardware = (try? await prices) ?? []
        var found: [SpaceState] = []
        for space in spaces { if let state = await states.all[space] { found.append(state) } }
        StatusText(office: office, hardware: hardware).give(found, asTable: spaces.count > 1)
        return Report.exitCode(of: reports)
    }
}

private actor Gathered {
    private(set) var all: [SpaceID: SpaceState] = [:]
    func add(_ state: SpaceState) { all[state.space] = state }
}

/// A Space, and what its history says of the last deploy.
struct SpaceState: Sendable {
    let space: SpaceID
    let record: SpaceRecord
    /// The newest first.
    let commits: [SpaceCommit]
    /// So many are looked at.
    static let reach = 50

    /// Two requests.
    init(_ hub: HubSpace) async throws(Failure) {
        space = hub.space
        record = try await hub.record()
        commits = try await hub.commits(limit: Self.reach)
    }

    var runtime: Runtime? { record.info.runtime }
    var head: SpaceCommit? { commits.first { $0.id == record.info.sha } ?? commits.first }
    /// The last deploy that says where it comes from.
    var deploy: SpaceCommit? { commits.first { $0.trailers["Source-Commit"] != nil } }
    /// Commits that came after it: somebody else's.
    var later: Int? { deploy.flatMap { deploy in commits.firstIndex { $0.id == deploy.id } } }
    /// A push does not rebuild it then.
    var isInDevMode: Bool { record.json["runtime"]["devMode"].bool ?? false }
    /// nil where the Hub does not say which commit runs.
    var runsHead: Bool? { runtime?.sha.map { $0 == record.info.sha } }
}

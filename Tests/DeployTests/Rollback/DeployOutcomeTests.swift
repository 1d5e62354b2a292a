import Testing

@testable import Deploy
@testable import SpacesModel

/// Tests for determining the outcome of a deploy, and which deploy is restored.
struct DeployOutcomeTests {
    private func id(_ number: Int) throws -> ObjectID {
        let hex = String(number, radix: 16)
        return try #require(ObjectID(String(repeating: "0", count: 40 - hex.count) + hex))
    }

    /// Returns a deploy of the tree with the same number, or of another tree. A history has the
    /// newest deploy first.
    private func deploy(_ number: Int, _ trailers: String = "", tree: Int? = nil) throws -> Commit {
        Commit(
            id: try id(number), tree: try id(1000 + (tree ?? number)), parents: [try id(number - 1)],
            author: Signature(name: "Ada", email: "", time: 0),
            message: "Deploy \(number)\n\nRelease: \(number)\n\(trailers)Spacesync: 0.1.0\n")
    }

    private func manualCommit(_ number: Int) throws -> Commit {
        var commit = try deploy(number)
        commit.message = "By hand"
        return commit
    }

    private func previous(_ outcome: String, _ number: Int) throws -> String {
        "Previous-Outcome: \(outcome) \(try id(number))\n"
    }

    private func outcomes(
        _ commits: [Commit], observed: [Int: DeployOutcome] = [:], _ info: SpaceInfo? = nil,
        probes: Bool = false
    ) throws -> DeployOutcomes {
        var known: [ObjectID: DeployOutcome] = [:]
        for (number, outcome) in observed { known[try id(number)] = outcome }
        var outcomes = DeployOutcomes(observed: known)
        outcomes.add(DeployHistory(commits.map(\.historyEntry)))
        outcomes.add(info, hasProbes: probes)
        return outcomes
    }

    private func info(_ stage: Stage, head: Int, running: Int? = nil, sdk: String = "docker") throws
        -> SpaceInfo
    {
        SpaceInfo(
            sha: try id(head), sdk: sdk, appURL: nil,
            runtime: Runtime(stage: stage, sha: try running.map { try id($0) }))
    }

    @Test func `the outcome of a watch takes precedence, then the next deploy's record, then the stage`()
        throws
    {
        let commits = [
            try deploy(4, previous("failed", 3)), try deploy(3, previous("ran", 2)),
            try deploy(2, previous("failed", 1)), try deploy(1),
        ]
        let known = try outcomes(commits, observed: [2: .failed], info(.running, head: 4, running: 3))
        #expect(try (1...4).map { try known[id($0)] } == [.failed, .failed, .failed, .unknown])
    }

    @Test func `a record of any commit except the previous deploy is ignored`() throws {
        let commits = [
            try deploy(4, previous("ran", 1)), try deploy(3, previous("ran", 4)), try deploy(2),
            try deploy(1),
        ]
        let known = try outcomes(commits)
        #expect(try (1...4).map { try known[id($0)] } == [.unknown, .unknown, .unknown, .unknown])
    }

    @Test func `RUNNING applies to the running commit, an error to the head`() throws {
        let running = try outcomes([], info(.running, head: 2, running: 2))
        #expect(try running[id(2)] == .ran)
        let other = try outcomes([], info(.running, head: 2, running: 1))
        #expect(try other[id(2)] == .unknown && other[id(1)] == .ran)
        #expect(try outcomes([], info(.running, head: 2))[id(2)] == .unknown, "the Hub does not say")
        #expect(try outcomes([], info(.running, head: 2, sdk: "static"))[id(2)] == .ran)
        for stage in [Stage.buildError, .runtimeError, .configError, .noAppFile] {
            #expect(try outcomes([], info(stage, head: 2))[id(2)] == .failed)
        }
        for stage in [Stage.building, .runningBuilding, .paused, .sleeping, Stage(rawValue: "NEW")] {
            #expect(try outcomes([], info(stage, head: 2, running: 2))[id(2)] == .unknown)
        }
    }

    @Test func `with probes a stage alone is not an outcome`() throws {
        #expect(try outcomes([], info(.running, head: 2, running: 2), probes: true)[id(2)] == .unknown)
    }

    @Test
    func `a rollback without a number skips deploys that failed, were rolled back or have the same files`()
        throws
    {
        let commits = [
            try deploy(6), try deploy(5, previous("failed", 4), tree: 6),
            try deploy(4, previous("unknown", 3)),
            try deploy(3), try deploy(2, previous("ran", 1)), try deploy(1),
        ]
        let space = try #require(SpaceID("me/demo"))
        func findTarget(_ outcomes: DeployOutcomes) throws -> ObjectID? {
            try RollbackTarget.previousDeploy.findCommit(in: commits, outcomes, of: space)?.id
        }
        #expect(try findTarget(try outcomes(commits)) == id(3))
        #expect(try findTarget(try outcomes(commits, observed: [3: .failed])) == id(2))
        let none = try outcomes(commits, observed: [1: .failed, 2: .failed, 3: .failed])
        #expect(try findTarget(none) == nil)
    }

    @Test func `a number of several deploys is rejected, with a list of them`() throws {
        var duplicate = try deploy(2)
        duplicate.message = try deploy(3).message
        let commits = [try deploy(3), duplicate, try deploy(1)]
        let space = try #require(SpaceID("me/demo"))
        let known = try outcomes(commits)
        #expect(try RollbackTarget.release(1).findCommit(in: commits, known, of: space)?.id == id(1))
        #expect(try RollbackTarget.release(2).findCommit(in: commits, known, of: space) == nil)
        let failure = #expect(throws: DeployError.self) {
            try RollbackTarget.release(3).findCommit(in: commits, known, of: space)
        }
        #expect(failure?.kind == .refused && failure?.details.count == 2)
        #expect(failure?.details.joined().contains("\(try id(2))") == true)
        #expect(failure?.hint?.contains("--to") == true)
    }

    @Test func `a number in a commit that no deploy made is ignored`() throws {
        var commit = try manualCommit(2)
        commit.message = "By hand\n\nRelease: 7\n"
        let commits = [try deploy(3), commit, try deploy(1)]
        let space = try #require(SpaceID("me/demo"))
        #expect(try RollbackTarget.release(7).findCommit(in: commits, outcomes(commits), of: space) == nil)
    }

    private func restored(
        _ commits: [Commit], serving: Int?, observed: [Int: DeployOutcome] = [:], failedTree: Int = 99
    ) throws -> ObjectID? {
        let trees = Dictionary(commits.map { ($0.id, $0.tree) }) { $1 }
        let failed = try id(1000 + failedTree)
        return DeployHistory(commits.map(\.historyEntry)).deployToRestore(
            serving: try serving.map { try id($0) }, in: commits.map(\.id),
            try outcomes(commits, observed: observed)
        ) { trees[$0] != failed }
    }

    @Test func `after a failure the serving deploy is restored, or else the newest that ran`() throws {
        let commits = [
            try deploy(5), try manualCommit(4), try deploy(3, previous("ran", 2)), try deploy(2),
            try deploy(1),
        ]
        #expect(try restored(commits, serving: 3) == id(3))
        #expect(try restored(commits, serving: 4) == id(3), "the deploy below the commit by hand")
        #expect(try restored(commits, serving: 3, observed: [3: .failed]) == id(2), "its probes failed")
        #expect(try restored(commits, serving: nil) == id(2))
        #expect(try restored(commits, serving: 77) == id(2), "a commit that is not known")
        #expect(try restored(commits, serving: nil, observed: [1: .ran], failedTree: 2) == id(1))
        #expect(try restored([try deploy(2), try deploy(1)], serving: nil) == nil)
        #expect(
            try restored([try deploy(2), try manualCommit(1)], serving: 1) == id(1),
            "from before the first deploy")
    }

    @Test func `a deploy that ran and was rolled back is not restored`() throws {
        let commits = [
            try deploy(4, "Rolled-Back-To: \(try id(1))\n"), try deploy(3), try deploy(2), try deploy(1),
        ]
        #expect(try restored(commits, serving: nil, observed: [3: .ran, 2: .ran, 1: .ran]) == id(1))
    }

    /// An outcome store in memory.
    private final class Kept: OutcomeStoring {
        nonisolated(unsafe) var known: [ObjectID: DeployOutcome] = [:]
        func outcomes() -> [ObjectID: DeployOutcome] { known }
        func store(_ outcome: DeployOutcome, of commit: ObjectID) { known[commit] = outcome }
    }

    @Test func `a commit that ran once is not recorded as failed later`() throws {
        let (store, commit) = (Kept(), try id(1))
        store.record(.unknown, of: commit)
        #expect(store.known.isEmpty)
        store.record(.failed, of: commit)
        store.record(.ran, of: commit)
        store.record(.failed, of: commit)
        #expect(store.known == [commit: .ran])
    }
}

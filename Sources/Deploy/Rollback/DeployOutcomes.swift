import DeploySettings
import SpacesModel

/// The outcomes of deploys, by commit. The first source that knows an outcome wins: watches on this
/// machine, then the record in the next deploy, then the stage of the Space.
package struct DeployOutcomes: Hashable, Sendable {
    private var outcomes: [ObjectID: DeployOutcome]

    /// - Parameter observed: outcomes that watches on this machine observed.
    package init(observed: [ObjectID: DeployOutcome] = [:]) { outcomes = observed }

    /// Adds the outcome that each deploy recorded about the deploy directly below it. Ignores records
    /// of other commits.
    package mutating func add(_ history: DeployHistory) {
        for (deploy, below) in zip(history.deploys, history.deploys.dropFirst()) {
            guard let previous = deploy.commit.trailers.previousOutcome, previous.commit == below.commit.id
            else { continue }
            add(previous.outcome, of: previous.commit)
        }
    }

    /// Adds the outcome that the stage of the Space implies.
    /// - Parameter hasProbes: whether the target has probes, whose result the stage does not show.
    package mutating func add(_ info: SpaceInfo?, hasProbes: Bool) {
        guard let info, let runtime = info.runtime else { return }
        if runtime.stage.isBroken, let head = info.sha { add(.failed, of: head) }
        // The Hub reports no running commit for a static Space, which always serves its head.
        let running = info.sdk == "static" ? info.sha : runtime.sha
        if runtime.stage == .running, !hasProbes, let running { add(.ran, of: running) }
    }

    private mutating func add(_ outcome: DeployOutcome, of commit: ObjectID) {
        if outcomes[commit] == nil, outcome != .unknown { outcomes[commit] = outcome }
    }

    package subscript(_ commit: ObjectID) -> DeployOutcome { outcomes[commit] ?? .unknown }
}

extension SpaceInfo {
    /// The commit whose image serves requests; `nil` if there is none or the Hub does not report it.
    var serving: ObjectID? {
        guard let runtime else { return nil }
        let stages: [Stage] = [.running, .runningBuilding, .runningAppStarting, .sleeping]
        guard stages.contains(runtime.stage) else { return nil }
        return runtime.sha ?? (runtime.stage == .running ? sha : nil)
    }
}

extension OutcomeStoring {
    /// Stores the outcome that a watch observed. A commit that ran once stays `ran`: a later failure of
    /// the same commit has an external cause (a package index, a service) and is not stored.
    func record(_ outcome: DeployOutcome, of commit: ObjectID) {
        let recorded = outcomes()[commit]
        if outcome != .unknown, recorded != outcome, recorded != .ran { store(outcome, of: commit) }
    }
}

/// Records the outcomes of a Space's deploys, and tells which are known.
struct OutcomeRecorder: Sendable {
    let target: Target
    let space: any SpaceRepository
    let options: DeployOptions

    /// Runs the watch and the probes of a commit, and records the outcome.
    func record(
        of commit: ObjectID, _ result: inout DeployResult,
        _ watch: (inout DeployResult) async throws(DeployError) -> DeployResult.Outcome
    ) async throws(DeployError) -> DeployResult.Outcome {
        let outcome: DeployResult.Outcome
        do throws(DeployError) { outcome = try await watch(&result) } catch {
            if error.kind == .failed, result.stage?.isStoppedOrDeleting != true {
                options.outcomes.record(.failed, of: commit)
            }
            throw error
        }
        if [.deployed, .unchanged].contains(outcome) { options.outcomes.record(.ran, of: commit) }
        return outcome
    }

    /// Returns the known outcomes of the deploys: from watches on this machine, from the deploys'
    /// records, and from the stage.
    func known(_ info: SpaceInfo?, _ history: DeployHistory = DeployHistory([])) -> DeployOutcomes {
        var outcomes = DeployOutcomes(observed: options.outcomes.outcomes())
        outcomes.add(history)
        outcomes.add(info, hasProbes: !target.probes.isEmpty)
        return outcomes
    }

    /// Returns the release trailers of the next deploy. Reads the history only if the last deploy has
    /// no number.
    /// - Parameter info: the Space's info from before the push.
    /// - Returns: `nil` if deploys have no trailers (`history = source`).
    func releaseTrailers(after last: Commit?, _ info: SpaceInfo?) async throws(DeployError)
        -> ReleaseTrailers?
    {
        guard !target.pushesHistory else { return nil }
        guard let last, last.isDeploy else { return ReleaseTrailers(release: 1) }
        var deploys = [last.historyEntry]
        if deploys[0].trailers.release == nil {
            let commits = try await space.commits(
                of: target.spaceBranch, limit: 10 * DeployBaseline.searchDepth)
            let below = commits.drop { $0.id != last.id }.dropFirst()
            deploys += below.map(\.historyEntry).filter(\.isDeploy)
        }
        // The history can be empty, because records of other deploys do not concern this one.
        let outcome = known(info)[last.id]
        return ReleaseTrailers(
            release: Release.next(after: deploys),
            previous: ReleaseTrailers.Previous(commit: last.id, outcome: outcome))
    }
}

extension Stage {
    /// Whether a user paused, stopped or is deleting the Space, so that the deploy has not failed.
    fileprivate var isStoppedOrDeleting: Bool { isInactive || self == .deleting }
}

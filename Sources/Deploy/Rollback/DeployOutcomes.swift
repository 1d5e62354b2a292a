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

import SpacesModel

/// How deploys ended, by commit. What a watch on this machine saw comes first, then what the next deploy recorded, then the
/// stage of the Space.
package struct DeployOutcomes: Hashable, Sendable {
    private var known: [ObjectID: DeployOutcome]

    /// - Parameter observed: from watches on this machine.
    package init(observed: [ObjectID: DeployOutcome] = [:]) { known = observed }

    /// Adds what each deploy recorded about the one directly below it. A record of any other commit is ignored.
    package mutating func add(_ history: DeployHistory) {
        for (deploy, below) in zip(history.deploys, history.deploys.dropFirst()) {
            guard let previous = deploy.commit.trailers.previousOutcome, previous.commit == below.commit.id
            else { continue }
            add(previous.outcome, of: previous.commit)
        }
    }

    /// Adds what the stage of the Space shows.
    /// - Parameter hasProbes: whether the target has probes. Their result is not known from the stage.
    package mutating func add(_ info: SpaceInfo?, hasProbes: Bool) {
        guard let info, let runtime = info.runtime else { return }
        if runtime.stage.isBroken, let head = info.sha { add(.failed, of: head) }
        // The Hub reports no running commit of a static Space: it shows its head.
        let running = info.sdk == "static" ? info.sha : runtime.sha
        if runtime.stage == .running, !hasProbes, let running { add(.ran, of: running) }
    }

    private mutating func add(_ outcome: DeployOutcome, of commit: ObjectID) {
        if known[commit] == nil, outcome != .unknown { known[commit] = outcome }
    }

    package subscript(_ commit: ObjectID) -> DeployOutcome { known[commit] ?? .unknown }
}

extension SpaceInfo {
    /// The commit whose image answers requests; `nil` if none does, or the Hub does not say.
    var serving: ObjectID? {
        guard let runtime else { return nil }
        let stages: [Stage] = [.running, .runningBuilding, .runningAppStarting, .sleeping]
        guard stages.contains(runtime.stage) else { return nil }
        return runtime.sha ?? (runtime.stage == .running ? sha : nil)
    }
}

extension OutcomeStoring {
    /// Stores what a watch saw. A commit that ran once counts as one that can run: a later failure of the same commit
    /// comes from outside (a package index, a service), and is not stored.
    func record(_ outcome: DeployOutcome, of commit: ObjectID) {
        let known = outcomes()[commit]
        if outcome != .unknown, known != outcome, known != .ran { store(outcome, of: commit) }
    }
}

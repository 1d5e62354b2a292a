/// How the last deploys of one Space ended, as watches on this machine saw it.
package protocol OutcomeStoring: Sendable {
    /// By commit; empty if nothing is stored. No request.
    func outcomes() -> [ObjectID: DeployOutcome]
    /// Stores the end of a deploy. If that fails, the outcome is unknown to later runs.
    func store(_ outcome: DeployOutcome, of commit: ObjectID)
}

/// Stores nothing: for a plan of nobody's Space, and tests.
package struct NoOutcomes: OutcomeStoring {
    package init() {}

    package func outcomes() -> [ObjectID: DeployOutcome] { [:] }
    package func store(_ outcome: DeployOutcome, of commit: ObjectID) {}
}

extension OutcomeStoring {
    /// Stores what a watch saw. A commit that ran once counts as one that can run: a later failure of the same commit
    /// comes from outside (a package index, a service), and is not stored.
    func record(_ outcome: DeployOutcome, of commit: ObjectID) {
        let known = outcomes()[commit]
        if outcome != .unknown, known != outcome, known != .ran { store(outcome, of: commit) }
    }
}

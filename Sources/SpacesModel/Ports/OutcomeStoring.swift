/// How a deploy ended.
package enum DeployOutcome: String, Hashable, Sendable, CaseIterable {
    /// The Space was RUNNING its commit, and the probes of the target passed.
    case ran
    /// The build, the app or a probe failed.
    case failed
    /// Nobody saw the end, or nobody recorded it.
    case unknown
}

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

/// The recorded result of a deploy.
package enum DeployOutcome: String, Hashable, Sendable, CaseIterable {
    /// The Space reached the stage RUNNING with the deploy's commit, and the probes of the target passed.
    case ran
    /// The build, the app or a probe failed.
    case failed
    /// The end was not observed or not recorded.
    case unknown
}

/// A store of the results of a Space's last deploys, as observed by watches on this machine.
package protocol OutcomeStoring: Sendable {
    /// Returns the results by commit; empty if nothing is stored. Makes no request.
    func outcomes() -> [ObjectID: DeployOutcome]
    /// Stores the result of a deploy. If that fails, later runs see no result for the commit.
    func store(_ outcome: DeployOutcome, of commit: ObjectID)
}

/// An outcome store that stores nothing, for plans without a Space and for tests.
package struct NoOutcomes: OutcomeStoring {
    package init() {}

    package func outcomes() -> [ObjectID: DeployOutcome] { [:] }
    package func store(_ outcome: DeployOutcome, of commit: ObjectID) {}
}

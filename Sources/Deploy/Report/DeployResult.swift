import DeploySettings
import SpacesModel

/// What came of one target: the last event of its story.
package struct DeployResult: Hashable, Sendable {
    package var space: SpaceID
    package var outcome: Outcome
    /// The Space's commit: ours, or the head that already holds this tree.
    package var commit: ObjectID?
    package var sourceCommit: ObjectID?
    /// When it was committed; seconds since 1970.
    package var sourceTime: Int64?
    package var appURL: String?
    package var stage: Stage?
    /// What the plan would change, when there was one.
    package var plan: Plan?
    /// What the plan stands on, to be kept for a later push.
    package var savedPlan: SavedPlan?
    package var failure: DeployError?
    /// The guards that refused, in the order of the contract; empty if none did.
    package var guards: [Guard] = []
    /// Somebody else, or another run, deployed what is told of.
    package var isObservation = false
    /// True if the source commit was rolled back and is not deployed again until the source moves.
    package var isHeldBack = false
    /// Why nothing was deployed although nothing failed.
    package var reason: String?
    /// What to do next when nothing failed (`spacesync watch owner/name`).
    package var hint: String?

    package init(_ space: SpaceID, _ outcome: Outcome) { (self.space, self.outcome) = (space, outcome) }

    package enum Outcome: String, Hashable, Sendable, CaseIterable {
        case planned, deployed, pushed, unchanged, refused, failed, interrupted, superseded
        case timedOut = "timed_out"
        case rolledBack = "rolled_back"
        /// Nothing was pushed: the source commit was rolled back.
        case heldBack = "held_back"
    }

    /// The exit code of the contract (design 6).
    package var exitCode: Int { failure?.kind.exitCode ?? 0 }
}

extension DeployResult {
    /// A report of what ended the story early.
    package init(_ space: SpaceID, failure: DeployError) {
        self.init(space, Outcome(of: failure.kind))
        self.failure = failure
    }

    /// The exit code of several targets: the gravest, the first that occurs in the contract's order.
    package static func exitCode(of reports: [DeployResult]) -> Int {
        mostSevere(of: reports.map(\.exitCode))
    }

    /// The gravest of several exit codes.
    package static func mostSevere(of codes: [Int]) -> Int {
        let order = [130, 1, 2, 3, 5, 4, 6, 7, 9, 8, 75, 10]
        return order.first(where: codes.contains) ?? 0
    }
}

extension DeployResult.Outcome {
    package init(of kind: DeployError.Kind) {
        switch kind {
        case .usage, .settings, .permissionDenied, .refused, .blocked: self = .refused
        case .internalError, .source, .failed, .tryLater: self = .failed
        case .timedOut: self = .timedOut
        case .interrupted: self = .interrupted
        }
    }
}

extension DeployResult {
    package init(_ refused: RejectedTarget) { self.init(refused.space, failure: refused.failure) }
}

extension DeployResult {
    /// Left to a later pass.
    package var isDeferred: Bool { deferral != nil }
    package var deferral: String? {
        if case .deferred(let why) = failure?.cause { why } else { nil }
    }
}

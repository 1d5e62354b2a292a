import DeploySettings
import SpacesModel

/// The result of the deploy of one target, reported as its last event.
package struct DeployResult: Hashable, Sendable {
    package var space: SpaceID
    package var outcome: Outcome
    /// The Space's commit: the pushed commit, or the head that already has this tree.
    package var commit: ObjectID?
    package var sourceCommit: ObjectID?
    /// The commit time of the source commit in seconds since 1970.
    package var sourceTime: Int64?
    package var appURL: String?
    package var stage: Stage?
    /// The plan; `nil` if none was made.
    package var plan: Plan?
    /// The plan with the state that it is based on, to be saved for a later push (`plan --out`).
    package var savedPlan: SavedPlan?
    package var failure: DeployError?
    /// The violated guards, in the order of the contract; empty if there are none.
    package var guards: [Guard] = []
    /// Whether another user or another run deployed the reported commit.
    package var isObservation = false
    /// Whether the source commit was rolled back and is held back until the source has a newer commit.
    package var isHeldBack = false
    /// The reason why nothing was deployed although nothing failed.
    package var reason: String?
    /// The next command to run if nothing failed (`spacesync watch owner/name`).
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
    /// Creates the result of a deploy that an error ended.
    package init(_ space: SpaceID, failure: DeployError) {
        self.init(space, Outcome(of: failure.kind))
        self.failure = failure
    }

    /// Returns the exit code of several targets: the most severe, which is the first in the order of
    /// the contract.
    package static func exitCode(of reports: [DeployResult]) -> Int {
        mostSevere(of: reports.map(\.exitCode))
    }

    /// Returns the most severe of several exit codes.
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
    /// Whether the deploy was deferred to a later pass.
    package var isDeferred: Bool { deferral != nil }
    /// The reason of a deferral; `nil` if the deploy was not deferred.
    package var deferral: String? {
        if case .deferred(let why) = failure?.cause { why } else { nil }
    }
}

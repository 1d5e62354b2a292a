import Deploy
import SpacesModel

/// How a run speaks: text for people, or the JSON events of the contract (design 5).
package protocol Reporter: Sendable {
    /// What the run is going to be about. Where nobody says it: one Space, and no plan that is the result.
    func beginRun(_ run: RunDescription)
    /// An event of one target's story; `lines` makes a ready line whole.
    func report(_ event: Event, of space: SpaceID, _ lines: any CommandCompleting)
    /// The end of one target's story.
    func report(_ report: DeployResult, _ cost: RunStatistics)
    /// The end of a story of which nothing is said to people.
    func recordResult(_ report: DeployResult, _ cost: RunStatistics)
    /// What goes on is this target's now, and others wait to be told of.
    func switchActiveTarget(to space: SpaceID, before others: Int)
    /// A failure that belongs to no target.
    func fail(_ failure: DeployError)
    /// A warning that belongs to no target.
    func warn(_ text: String)
    /// A line of the story that belongs to no target.
    func info(_ text: String)
    /// A question about this target is about to be asked: nothing may be written over it until `release`.
    func pauseOutput(for space: SpaceID)
    /// The question was answered.
    func resumeOutput()
    /// All is said.
    func finish()
}

/// Completes commands in text with the flags of this run, so that they can be typed as they stand.
package protocol CommandCompleting: Sendable {
    /// - Parameter space: `nil` completes commands that name no Space.
    func complete(_ text: String, of space: SpaceID?) -> String
}

/// A run, before it begins.
package struct RunDescription: Hashable, Sendable {
    /// In the order in which their results are given.
    package var spaces: [SpaceID] = []
    /// The plan is the result, not a part of the story (`plan`, `push -n`).
    package var isPlan = false
    /// Standard output holds more of each target than a line at the end: nothing is told out of order.
    package var isInOrder = false
    /// Of those that are deployed from the repository that the run stands in.
    package var checkouts: [SpaceID: WorkflowCheckout] = [:]

    package init(
        spaces: [SpaceID] = [], isPlan: Bool = false, isInOrder: Bool = false,
        checkouts: [SpaceID: WorkflowCheckout] = [:]
    ) {
        (self.spaces, self.isPlan, self.isInOrder, self.checkouts) = (spaces, isPlan, isInOrder, checkouts)
    }

    /// What standard output holds is said under the name of its Space.
    var hasMultipleSpaces: Bool { spaces.count > 1 }
}

/// What a target took.
package struct RunStatistics: Sendable {
    package var seconds = 0.0
    package var requests = 0
    package var bytesSent = 0
    package var bytesReceived = 0
    package var endpoint: String

    package init(
        seconds: Double = 0, requests: Int = 0, bytesSent: Int = 0, bytesReceived: Int = 0, endpoint: String
    ) {
        (self.seconds, self.requests, self.endpoint) = (seconds, requests, endpoint)
        (self.bytesSent, self.bytesReceived) = (bytesSent, bytesReceived)
    }
}

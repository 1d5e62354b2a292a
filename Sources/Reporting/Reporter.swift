import Deploy
import SpacesModel

/// The output of a run: text, or the JSON events of the contract (design 5).
package protocol Reporter: Sendable {
    /// Describes the run that starts. Without this call: one Space, and the plan is not the result.
    func beginRun(_ run: RunDescription)
    /// Reports an event of one target; `lines` completes commands in the text.
    func report(_ event: Event, of space: SpaceID, _ lines: any CommandCompleting)
    /// Reports the result of one target.
    func report(_ report: DeployResult, _ cost: RunStatistics)
    /// Records the result of a target that prints nothing.
    func recordResult(_ report: DeployResult, _ cost: RunStatistics)
    /// The target becomes the active one; `others` targets wait for their output.
    func switchActiveTarget(to space: SpaceID, before others: Int)
    /// Reports an error that belongs to no target.
    func fail(_ failure: DeployError)
    /// Reports a warning that belongs to no target.
    func warn(_ text: String)
    /// Prints a log line that belongs to no target.
    func info(_ text: String)
    /// Pauses output before a prompt about this target, until `resumeOutput`.
    func pauseOutput(for space: SpaceID)
    /// Resumes output after the prompt.
    func resumeOutput()
    /// Ends the output of the run.
    func finish()
}

/// Completes commands in text with the flags of this run, so that the user can run them unchanged.
package protocol CommandCompleting: Sendable {
    /// - Parameter space: `nil` if the command names no Space.
    func complete(_ text: String, of space: SpaceID?) -> String
}

/// The Spaces and the kind of a run.
package struct RunDescription: Hashable, Sendable {
    /// The Spaces in the order in which their results are printed.
    package var spaces: [SpaceID] = []
    /// Whether the plan is the result, not a part of the log (`plan`, `push -n`).
    package var isPlan = false
    /// Whether targets are printed strictly in order, because standard output contains more than
    /// one line per target.
    package var isInOrder = false
    /// The checkouts of targets whose source is the current repository.
    package var checkouts: [SpaceID: WorkflowCheckout] = [:]

    package init(
        spaces: [SpaceID] = [], isPlan: Bool = false, isInOrder: Bool = false,
        checkouts: [SpaceID: WorkflowCheckout] = [:]
    ) {
        (self.spaces, self.isPlan, self.isInOrder, self.checkouts) = (spaces, isPlan, isInOrder, checkouts)
    }

    /// Whether results on standard output need a heading with the Space's name.
    var hasMultipleSpaces: Bool { spaces.count > 1 }
}

/// The duration and traffic of a target's deploy.
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

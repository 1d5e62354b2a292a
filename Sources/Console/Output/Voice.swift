import Deploy

/// How a run speaks: text for people, or the JSON events of the contract (design 5).
protocol Voice: Sendable {
    /// An event of one target's story.
    func say(_ event: Event, of space: SpaceID)
    /// The end of one target's story.
    func report(_ report: Report, _ cost: Cost)
    /// A failure that belongs to no target.
    func fail(_ failure: Failure)
    /// A warning that belongs to no target.
    func warn(_ text: String)
    /// A line of the story that belongs to no target.
    func note(_ text: String)
    /// All is said.
    func finish()
}

/// What a target took.
struct Cost: Sendable {
    var seconds = 0.0
    var requests = 0
    var bytesSent = 0
    var bytesReceived = 0
    var endpoint: String
}

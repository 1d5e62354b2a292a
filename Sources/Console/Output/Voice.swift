import Deploy

/// How a run speaks: text for people, or the JSON events of the contract (design 5).
protocol Voice: Sendable {
    /// What the run is going to be about. Where nobody says it: one Space, and no plan that is the result.
    func expect(_ run: Prospect)
    /// An event of one target's story; `lines` makes a ready line whole.
    func say(_ event: Event, of space: SpaceID, _ lines: ReadyLines)
    /// The end of one target's story.
    func report(_ report: Report, _ cost: Cost)
    /// A failure that belongs to no target.
    func fail(_ failure: Failure)
    /// A warning that belongs to no target.
    func warn(_ text: String)
    /// A line of the story that belongs to no target.
    func note(_ text: String)
    /// A question is about to be asked: nothing may be written over it until the story goes on.
    func hold()
    /// All is said.
    func finish()
}

/// A run, before it begins.
struct Prospect: Hashable, Sendable {
    /// What standard output holds is said under the name of its Space.
    var isOfSeveral = false
    /// The plan is the result, not a part of the story (`plan`, `push -n`).
    var isPlan = false
}

/// What a target took.
struct Cost: Sendable {
    var seconds = 0.0
    var requests = 0
    var bytesSent = 0
    var bytesReceived = 0
    var endpoint: String
}

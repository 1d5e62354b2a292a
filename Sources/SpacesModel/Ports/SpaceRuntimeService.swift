/// A service that reads the state and logs of a Space's build and app, and restarts it.
package protocol SpaceRuntimeService: Sendable {
    /// Returns the runtime state of the Space. One request.
    func runtime() async throws(DeployError) -> Runtime
    /// Returns head, sdk and address of the Space. One request.
    func info() async throws(DeployError) -> SpaceInfo
    /// Follows a log from its stored beginning, passing each line to `line`, until the stream ends
    /// or the task is cancelled. Reconnects automatically without repeating a line.
    func follow(_ log: LogKind, _ line: @escaping @Sendable (LogLine) async -> Void) async throws(DeployError)
    /// Restarts the Space; `factory` rebuilds it without cache.
    func restart(factory: Bool) async throws(DeployError) -> Runtime
}

/// The runtime state of a Space, from `GET /api/spaces/{id}/runtime`.
package struct Runtime: Hashable, Sendable {
    package var stage: Stage
    /// The commit of the running image; often absent.
    package var sha: ObjectID?
    package var errorMessage: String?
    /// The current hardware flavour; `nil` if nothing runs, or for a static Space.
    package var hardware: String?
    /// The requested hardware flavour.
    package var requestedHardware: String?
    /// The sleep time; `nil` if the Hub does not report it.
    package var sleepTime: SleepTime?

    package init(stage: Stage, sha: ObjectID? = nil, errorMessage: String? = nil) {
        (self.stage, self.sha, self.errorMessage) = (stage, sha, errorMessage)
    }
}

/// Metadata of a Space, from `GET /api/spaces/{id}`.
package struct SpaceInfo: Hashable, Sendable {
    /// The head commit of the Space's `main` branch.
    package var sha: ObjectID?
    package var sdk: String?
    /// The app's URL (`https://owner-name.hf.space`), as reported by the Hub.
    package var appURL: String?
    package var isPrivate: Bool
    /// `private`, `public` or `protected`; `nil` if the Hub reports only `isPrivate`.
    package var visibility: String?
    package var runtime: Runtime?
    /// The port to which the Hub sends the app's requests, from the card.
    package var appPort: Int?

    package init(
        sha: ObjectID?, sdk: String?, appURL: String?, isPrivate: Bool = false, runtime: Runtime? = nil
    ) {
        (self.sha, self.sdk, self.appURL) = (sha, sdk, appURL)
        (self.isPrivate, self.runtime) = (isPrivate, runtime)
    }
}

/// The log of a Space's build or of its running app.
package enum LogKind: String, Hashable, Sendable { case build, run }

/// A log line without line ending, unmodified: rendering removes control sequences.
package struct LogLine: Hashable, Sendable {
    package var text: String
    /// The Hub's timestamp (RFC 3339); `nil` if there is none.
    package var timestamp: String?

    package init(text: String, timestamp: String? = nil) { (self.text, self.timestamp) = (text, timestamp) }
}

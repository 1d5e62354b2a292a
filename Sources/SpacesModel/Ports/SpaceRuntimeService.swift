/// What the Hub tells of a Space's build and app.
package protocol SpaceRuntimeService: Sendable {
    /// What the Space is doing now. One request.
    func runtime() async throws(DeployError) -> Runtime
    /// What the Space is: head, sdk, address. One request.
    func info() async throws(DeployError) -> SpaceInfo
    /// Follows a log from its stored beginning, handing on each line, until the stream ends or the task is cancelled.
    /// Reconnects by itself without repeating a line.
    func follow(_ log: LogKind, _ line: @escaping @Sendable (LogLine) async -> Void) async throws(DeployError)
    /// Restarts the Space; `factory` rebuilds it without cache.
    func restart(factory: Bool) async throws(DeployError) -> Runtime
}

/// `GET /api/spaces/{id}/runtime`, as far as a deploy needs it.
package struct Runtime: Hashable, Sendable {
    package var stage: Stage
    /// The commit of the image in service; often absent.
    package var sha: ObjectID?
    package var errorMessage: String?
    /// The flavour it runs on; nil when nothing runs, or of a static Space.
    package var hardware: String?
    /// The flavour it was told to run on.
    package var requestedHardware: String?
    /// nil where the Hub does not say.
    package var sleepTime: SleepTime?

    package init(stage: Stage, sha: ObjectID? = nil, errorMessage: String? = nil) {
        (self.stage, self.sha, self.errorMessage) = (stage, sha, errorMessage)
    }
}

/// `GET /api/spaces/{id}`, as far as a deploy needs it.
package struct SpaceInfo: Hashable, Sendable {
    /// Head of the Space's `main`.
    package var sha: ObjectID?
    package var sdk: String?
    /// The app's own address (`https://owner-name.hf.space`), as the Hub says it.
    package var appURL: String?
    package var isPrivate: Bool
    /// `private`, `public`, `protected`; nil where the Hub does not say more than `isPrivate`.
    package var visibility: String?
    package var runtime: Runtime?
    /// The port on which the Hub asks the app, as the card has it.
    package var appPort: Int?

    package init(
        sha: ObjectID?, sdk: String?, appURL: String?, isPrivate: Bool = false, runtime: Runtime? = nil
    ) {
        (self.sha, self.sdk, self.appURL) = (sha, sdk, appURL)
        (self.isPrivate, self.runtime) = (isPrivate, runtime)
    }
}

package enum LogKind: String, Hashable, Sendable { case build, run }

/// One line of a log, without its line end, as it came: rendering strips control sequences.
package struct LogLine: Hashable, Sendable {
    package var text: String
    /// As the Hub wrote it (RFC 3339), when it did.
    package var timestamp: String?

    package init(text: String, timestamp: String? = nil) { (self.text, self.timestamp) = (text, timestamp) }
}

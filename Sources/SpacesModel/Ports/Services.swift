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

/// A service that reads and changes a Space's configuration: variables, secrets, hardware, visibility.
package protocol SpaceConfigurationService: Sendable {
    /// The desired configuration according to the target's settings.
    var desiredConfiguration: DesiredConfiguration { get }
    /// Returns the variables by name. One request.
    func variables() async throws(DeployError) -> [String: String]
    /// Returns all secrets by name, with the comparison for those whose local value is available.
    /// One request, which needs a token with write access.
    func secrets() async throws(DeployError) -> [String: SecretComparison]
    /// Returns the available hardware with prices. One request.
    func hardwareOptions() async throws(DeployError) -> [Hardware]
    /// Creates the Space without files, with the complete desired configuration in the same
    /// request, so that its first container has it.
    /// - Returns: `false` if the Space was created by somebody else in the meantime, and nothing was set.
    /// - Throws: `DeployError` of kind `permissionDenied` if rights or the plan are insufficient
    ///   (the Hub's 402 and 403, explained).
    func create(sdk: String, visibility: String) async throws(DeployError) -> Bool
    /// Applies one change. One request.
    func apply(_ command: ConfigurationCommand) async throws(DeployError)
}

/// A transfer service for Git LFS objects, from the source to the Space's storage.
package protocol LFSTransferring: Sendable {
    /// Returns the files whose content is neither on the Space nor available from the source. Sends nothing.
    func missingObjects(among files: [LFSFile], of snapshot: SourceSnapshot) async throws(DeployError)
        -> [MissingLFSObject]
    /// Uploads the objects that the Space lacks, and reports each file that is available afterwards.
    /// - Throws: An error with all failures. Uploaded objects remain and are not sent again by the next run.
    func upload(_ files: [LFSFile], of snapshot: SourceSnapshot, _ report: @escaping ReportTransfer)
        async throws(DeployError)
    /// Replaces the pointer files below a directory by their content, from the source, otherwise
    /// from the Space.
    /// - Returns: The files whose content was not found.
    func checkOut(_ files: [LFSFile], of snapshot: SourceSnapshot, in folder: String)
        async throws(DeployError)
        -> [MissingLFSObject]
    /// Returns the content of a file, from the Space, otherwise from the source; `nil` if it was not found.
    func content(of file: LFSFile, of snapshot: SourceSnapshot) async throws(DeployError) -> [UInt8]?
}

/// An event of a Git LFS transfer.
package enum TransferEvent: Sendable {
    case detail(String)
    case uploading(TransferProgress)
    case uploaded(path: Path, size: Int, sha256: String)
}

/// A handler for the events of a transfer. Called from any task.
package typealias ReportTransfer = @Sendable (TransferEvent) -> Void

/// The progress of an upload.
package struct TransferProgress: Hashable, Sendable {
    package var files: Int
    package var filesDone: Int
    /// The total size in bytes.
    package var size: Int
    /// The number of bytes sent.
    package var sent: Int

    package init(files: Int, filesDone: Int, size: Int, sent: Int) {
        (self.files, self.filesDone, self.size, self.sent) = (files, filesDone, size, sent)
    }
}

/// A client that sends probe requests to the running app.
package protocol HTTPProber: Sendable {
    /// Sends one request. Credentials are sent only to the app's own origin. A redirect to another
    /// origin is not followed but returned as the response.
    /// - Throws: `DeployError` of kind `tryLater` if there is no response.
    func send(_ request: ProbeRequest) async throws(DeployError) -> ProbeResponse
    /// Whether the settings name a credential that is sent to the app.
    var hasCredential: Bool { get }
}

/// The HTTP request of a probe.
package struct ProbeRequest: Hashable, Sendable {
    package var method: String
    /// The app's base URL, as reported by the Hub, to which `path` is appended.
    package var app: String
    package var path: String
    package var body: [UInt8]?
    /// Whether the expected response is a redirect, so that redirects are not followed.
    package var wantsRedirect: Bool

    package init(method: String, app: String, path: String, body: [UInt8]? = nil, wantsRedirect: Bool) {
        (self.method, self.app, self.path, self.body, self.wantsRedirect) = (
            method, app, path, body, wantsRedirect
        )
    }

    package var url: String { app + path }
}

/// The HTTP response to a probe.
package struct ProbeResponse: Hashable, Sendable {
    package var status: Int
    /// The first MiB of the body, unmodified.
    package var body: [UInt8]
    /// The first line of the body for display, without the credentials that were sent.
    package var firstLine: String
    /// The value of the `Location` header; `nil` if there is none.
    package var location: String?

    package init(status: Int, body: [UInt8], firstLine: String = "", location: String? = nil) {
        (self.status, self.body, self.firstLine, self.location) = (status, body, firstLine, location)
    }

    package func contains(_ text: String) -> Bool {
        let needle = Array(text.utf8)
        guard let first = needle.first, needle.count <= body.count else { return false }
        for start in 0...(body.count - needle.count) where body[start] == first {
            if body[start..<start + needle.count].elementsEqual(needle) { return true }
        }
        return false
    }
}

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

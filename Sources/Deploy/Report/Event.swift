import DeploySettings
import SpacesModel

/// An event of a deploy in progress, printed as text or as the JSON of the contract (design 5).
package enum Event: Sendable {
    /// A step of the deploy begins (`-----> Reading source`); its details follow.
    case step(String)
    case detail(String)
    /// A warning, with the finding of a preflight check if it comes from one.
    case warning(String, Finding? = nil)
    case read(source: ObjectID, spaceHead: ObjectID?)
    case planned(Plan)
    /// A finding of a preflight check, the result of `check`.
    case finding(Finding)
    /// A file that was changed on the Space, the result of `drift`.
    case drifted(DriftedFile)
    /// A part of the Space's configuration was set or removed.
    case configured(ConfigurationChange)
    case uploaded(path: Path, size: Int, sha256: String)
    /// The progress of all uploads together.
    case uploading(TransferProgress)
    case pushed(ObjectID)
    /// A composed tree was written to a local directory.
    case exported(to: String, files: Int, size: Int)
    /// A line of output of the Hub's Git server.
    case remote(String)
    case stage(Stage)
    case log(LogKind, LogLine)
    /// The result of a probe changed. The status is `nil` if the app did not respond.
    case probed(Probe, url: String, status: Int?, ok: Bool)
    case retry(what: String, attempt: Int, wait: Duration, why: String)
}

/// A handler of events. Called from any task, in order within one target.
package typealias EventHandler = @Sendable (Event) -> Void

extension Event {
    init(_ transfer: TransferEvent) {
        self =
            switch transfer {
            case .detail(let text): .detail(text)
            case .uploading(let progress): .uploading(progress)
            case .uploaded(let path, let size, let sha256): .uploaded(path: path, size: size, sha256: sha256)
            }
    }
}

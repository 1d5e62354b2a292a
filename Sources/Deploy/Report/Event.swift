import DeploySettings
import SpacesModel

/// What is said while a deploy goes on. The console renders it as text or as the JSON of the contract (design 5).
package enum Event: Sendable {
    /// A step of the story begins (`-----> Reading source`), with details below it.
    case step(String)
    case detail(String)
    /// With what a check found, where it is that.
    case warning(String, Finding? = nil)
    case read(source: ObjectID, spaceHead: ObjectID?)
    case planned(Plan)
    /// What a check found: the result of `check`.
    case finding(Finding)
    /// What a Space's side changed: the result of `drift`.
    case drifted(DriftedFile)
    /// Something besides the files was set, or removed.
    case configured(ConfigurationChange)
    case uploaded(path: Path, size: Int, sha256: String)
    /// So far, of all that is being uploaded.
    case uploading(TransferProgress)
    case pushed(ObjectID)
    /// A composed tree was written to a directory of this machine.
    case exported(to: String, files: Int, size: Int)
    /// A line the Hub's Git server said.
    case remote(String)
    case stage(Stage)
    case log(LogKind, LogLine)
    /// What the app answered; no status when nothing came. Said when it changes.
    case probed(Probe, url: String, status: Int?, ok: Bool)
    case retry(what: String, attempt: Int, wait: Duration, why: String)
}

/// Hears events. Called from any task, in order within one target.
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

import Git
import SpacesModel
import Synchronization
import TextTools

/// The sources behind URLs that a run has opened: several targets that deploy from one ask it once. Who wants one that
/// is just being opened waits for it.
final class SourceShelf: Sendable {
    private let opened = Mutex<[String: any GitSource]>([:])
    private let turns = Turns()

    /// - Parameter key: the URL as it was written.
    func source(
        _ key: String, _ open: () async throws(Failure) -> any GitSource
    ) async throws(Failure) -> any GitSource {
        try await turns.take { () async throws(Failure) in
            if let known = opened.withLock({ $0[key] }) { return known }
            let source = try await open()
            opened.withLock { $0[key] = source }
            return source
        }
    }
}

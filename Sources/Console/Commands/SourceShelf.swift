import Deploy
import Git
import Synchronization

/// The sources behind URLs that a run has opened: several targets that deploy from one ask it once.
final class SourceShelf: Sendable {
    private let opened = Mutex<[String: any GitSource]>([:])

    /// - Parameter key: the URL as it was written.
    func source(
        _ key: String, _ open: () async throws(Failure) -> any GitSource
    ) async throws(Failure) -> any GitSource {
        if let known = opened.withLock({ $0[key] }) { return known }
        let source = try await open()
        return opened.withLock { opened in
            let first = opened[key] ?? source
            opened[key] = first
            return first
        }
    }
}

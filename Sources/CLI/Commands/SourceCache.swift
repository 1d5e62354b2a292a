import Git
import SpacesModel
import Synchronization
import TextTools

/// The sources behind URLs that a run has opened: several targets that deploy from one ask it once. Who wants one that
/// is just being opened waits for it.
final class SourceCache: Sendable {
    private let opened = Mutex<[String: any GitSource]>([:])
    private let mutex = AsyncMutex()

    /// - Parameter key: the URL as it was written.
    func source(
        _ key: String, _ open: () async throws(DeployError) -> any GitSource
    ) async throws(DeployError) -> any GitSource {
        try await mutex.withLock { () async throws(DeployError) in
            if let known = opened.withLock({ $0[key] }) { return known }
            let source = try await open()
            opened.withLock { $0[key] = source }
            return source
        }
    }
}

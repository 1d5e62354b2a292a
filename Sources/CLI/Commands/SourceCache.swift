import Git
import SpacesModel
import Synchronization
import TextTools

/// A cache of the sources behind URLs: targets that share a source open it once. A target waits for
/// a source that is being opened.
final class SourceCache: Sendable {
    private let opened = Mutex<[String: any GitSource]>([:])
    private let mutex = AsyncMutex()

    /// Returns the cached source, or opens it.
    /// - Parameter key: the URL as it was written.
    func source(
        _ key: String, _ open: () async throws(DeployError) -> any GitSource
    ) async throws(DeployError) -> any GitSource {
        try await mutex.withLock { () async throws(DeployError) in
            if let cached = opened.withLock({ $0[key] }) { return cached }
            let source = try await open()
            opened.withLock { $0[key] = source }
            return source
        }
    }
}

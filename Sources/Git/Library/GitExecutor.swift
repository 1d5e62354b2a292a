import Essentials
import SpacesModel

/// A serial executor that runs libgit2 calls on a dedicated thread, so that none of them blocks a
/// thread of Swift's pool. (`DispatchSerialQueue`, which provides this, is missing on Linux.)
package final class GitExecutor: SerialExecutor {
    private let queue: DispatchQueue

    package init(_ name: String) { queue = DispatchQueue(label: "spacesync.git.\(name)") }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    /// Runs work outside of any actor, such as opening a repository before an actor owns it.
    package func run<Value: Sendable>(
        _ work: @escaping @Sendable () throws(DeployError) -> Value
    ) async throws(DeployError) -> Value {
        let result: Result<Value, DeployError> = await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: Result(catching: work)) }
        }
        return try result.get()
    }
}

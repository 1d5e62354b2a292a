import Essentials
import SpacesModel

/// Runs libgit2's calls one after the other on a thread of its own: none of them blocks a thread of Swift's pool.
/// (`DispatchSerialQueue`, which is such an executor, is missing on Linux.)
package final class GitExecutor: SerialExecutor {
    private let queue: DispatchQueue

    package init(_ name: String) { queue = DispatchQueue(label: "spacesync.git.\(name)") }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    /// Runs work that belongs to no actor yet, such as opening what an actor will own.
    package func run<Value: Sendable>(
        _ work: @escaping @Sendable () throws(DeployError) -> Value
    ) async throws(DeployError) -> Value {
        let result: Result<Value, DeployError> = await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: Result(catching: work)) }
        }
        return try result.get()
    }
}

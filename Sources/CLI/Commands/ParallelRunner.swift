import Deploy
import Reporting
import SpacesModel
import Synchronization
import TextTools

/// Runs operations on several targets in parallel. At most `width` of them read and push at a time,
/// started in the order of the targets; after its push, an operation watches in a separate slot, so
/// that the next one can start. A failure does not stop the others; a cancellation stops all.
struct ParallelRunner: Sendable {
    let width: Int
    /// The maximum number of parallel watches, which hold connections.
    static let watches = 64

    /// Returns the results in the order of the items.
    /// - Parameter operation: calls its second argument after its push if it continues to watch.
    func reports<Work: Sendable>(
        of items: [Work],
        _ operation:
            @escaping @Sendable (Work, _ onPushed: @escaping @Sendable () async -> Void) async ->
            DeployResult
    ) async -> [DeployResult] {
        let (pushSlots, watchSlots) = (AsyncSemaphore(width), AsyncSemaphore(Self.watches))
        return await withTaskGroup(of: (index: Int, report: DeployResult).self) { group in
            // Waits for a slot before it adds the next task, so that tasks start in the order of
            // the items.
            for (index, item) in items.enumerated() {
                await pushSlots.wait()
                group.addTask {
                    let hasPushed = AsyncOnce()
                    let report = await operation(item) {
                        guard hasPushed.set() else { return }
                        await pushSlots.signal()
                        await watchSlots.wait()
                    }
                    await (hasPushed.isSet ? watchSlots : pushSlots).signal()
                    return (index, report)
                }
            }
            var results: [Int: DeployResult] = [:]
            for await (index, report) in group { results[index] = report }
            return items.indices.compactMap { results[$0] }
        }
    }

    /// Runs operations that hold their slot until they end.
    func reports<Work: Sendable>(
        of items: [Work], _ operation: @escaping @Sendable (Work) async -> DeployResult
    ) async -> [DeployResult] {
        await reports(of: items) { item, _ in await operation(item) }
    }
}

/// A counter of the Spaces that are being watched.
final class ActiveWatchCounter: Sendable {
    private let number = Atomic(0)

    /// The number of watched Spaces, at least 1.
    var count: Int { max(1, number.load(ordering: .relaxed)) }
    func add(_ change: Int) { number.add(change, ordering: .relaxed) }
}

/// A flag that can be set once.
final class AsyncOnce: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .relaxed) }
    /// Sets the flag and returns whether this call was the first.
    func set() -> Bool { !flag.exchange(true, ordering: .relaxed) }
}

import Deploy
import TextTools

/// Runs the stories of several targets at once: so many read and push at a time, begun in their order; what was pushed
/// is watched beside that, and keeps nobody from beginning. One that fails stops none of the others; a cancellation
/// reaches all.
struct ParallelRunner: Sendable {
    let width: Int
    /// Watches hold connections: so many at a time.
    static let watches = 64

    /// The reports, in the order of the targets.
    /// - Parameter story: calls what it is given when it has pushed, if it goes on watching.
    func reports<Work: Sendable>(
        of works: [Work],
        _ operation:
            @escaping @Sendable (Work, _ hasPushed: @escaping @Sendable () async -> Void) async ->
            DeployResult
    ) async -> [DeployResult] {
        let (pushing, watching) = (AsyncSemaphore(width), AsyncSemaphore(Self.watches))
        return await withTaskGroup(of: (place: Int, report: DeployResult).self) { group in
            // One after the other, so that they come to the seats in their order.
            for (place, work) in works.enumerated() {
                await pushing.wait()
                group.addTask {
                    let hasPushed = AsyncOnce()
                    let report = await operation(work) {
                        guard hasPushed.set() else { return }
                        await pushing.signal()
                        await watching.wait()
                    }
                    await (hasPushed.isSet ? watching : pushing).signal()
                    return (place, report)
                }
            }
            var ended: [Int: DeployResult] = [:]
            for await (place, report) in group { ended[place] = report }
            return works.indices.compactMap { ended[$0] }
        }
    }

    /// The same for stories that keep their seat to the end.
    func reports<Work: Sendable>(
        of works: [Work], _ operation: @escaping @Sendable (Work) async -> DeployResult
    ) async -> [DeployResult] {
        await reports(of: works) { work, _ in await operation(work) }
    }
}

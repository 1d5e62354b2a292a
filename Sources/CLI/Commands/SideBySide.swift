import Deploy
import TextTools

/// Runs the stories of several targets at once: so many read and push at a time, begun in their order; what was pushed
/// is watched beside that, and keeps nobody from beginning. One that fails stops none of the others; a cancellation
/// reaches all.
struct SideBySide: Sendable {
    let width: Int
    /// Watches hold connections: so many at a time.
    static let watches = 64

    /// The reports, in the order of the targets.
    /// - Parameter story: calls what it is given when it has pushed, if it goes on watching.
    func reports<Work: Sendable>(
        of works: [Work],
        _ story: @escaping @Sendable (Work, _ hasPushed: @escaping @Sendable () async -> Void) async -> Report
    ) async -> [Report] {
        let (pushing, watching) = (Seats(width), Seats(Self.watches))
        return await withTaskGroup(of: (place: Int, report: Report).self) { group in
            // One after the other, so that they come to the seats in their order.
            for (place, work) in works.enumerated() {
                await pushing.enter()
                group.addTask {
                    let hasPushed = Once()
                    let report = await story(work) {
                        guard hasPushed.set() else { return }
                        await pushing.leave()
                        await watching.enter()
                    }
                    await (hasPushed.isSet ? watching : pushing).leave()
                    return (place, report)
                }
            }
            var ended: [Int: Report] = [:]
            for await (place, report) in group { ended[place] = report }
            return works.indices.compactMap { ended[$0] }
        }
    }

    /// The same for stories that keep their seat to the end.
    func reports<Work: Sendable>(
        of works: [Work], _ story: @escaping @Sendable (Work) async -> Report
    ) async -> [Report] {
        await reports(of: works) { work, _ in await story(work) }
    }
}

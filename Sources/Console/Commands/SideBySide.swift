import Deploy

/// Runs the stories of several targets at once: no more than so many at a time, begun in their order. One that fails
/// stops none of the others; a cancellation reaches all.
struct SideBySide: Sendable {
    let width: Int

    /// The reports, in the order of the targets.
    func reports<Work: Sendable>(
        of works: [Work], _ story: @escaping @Sendable (Work) async -> Report
    ) async -> [Report] {
        await withTaskGroup(of: (place: Int, report: Report).self) { group in
            var waiting = works.enumerated().makeIterator()
            func begin() {
                guard let (place, work) = waiting.next() else { return }
                group.addTask { (place, await story(work)) }
            }
            for _ in 0..<max(1, width) { begin() }
            var ended: [Int: Report] = [:]
            for await (place, report) in group {
                ended[place] = report
                begin()
            }
            return works.indices.compactMap { ended[$0] }
        }
    }
}

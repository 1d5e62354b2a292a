/// Room for so many at a time. All tests of a run start at once: without it hundreds of children do too, and
/// Foundation's `Process` is not safe beyond 1,024 open descriptors (it waits by `select`).
package actor Crowd {
    /// Child processes that tests start and wait for.
    package static let children = Crowd(12)
    /// Scenes of end-to-end tests, each a Hub and what runs against it.
    package static let scenes = Crowd(4)

    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ room: Int) { free = room }

    /// Given back when the last reference goes.
    package final class Place: Sendable {
        private let crowd: Crowd
        fileprivate init(_ crowd: Crowd) { self.crowd = crowd }
        deinit { Task { [crowd] in await crowd.leave() } }
    }

    package func enter() async -> Place {
        if free > 0 { free -= 1 } else { await withCheckedContinuation { waiting.append($0) } }
        return Place(self)
    }

    private func leave() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}

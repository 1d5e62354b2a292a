/// A semaphore that limits how many tests use a resource at a time. All tests of a run start at once;
/// without a limit there would be hundreds of child processes, and Foundation's `Process` is not safe
/// beyond 1,024 open descriptors (it waits with `select`).
package actor Crowd {
    /// The limit of child processes that tests start and wait for.
    package static let children = Crowd(12)
    /// The limit of end-to-end scenes: each is a local Hub and the programs that run against it.
    package static let scenes = Crowd(4)

    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ capacity: Int) { free = capacity }

    /// A slot of the semaphore, released when its last reference is gone.
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

import Synchronization

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

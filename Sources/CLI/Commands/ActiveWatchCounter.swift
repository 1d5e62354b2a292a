import Synchronization

/// How many Spaces are watched at the moment.
final class ActiveWatchCounter: Sendable {
    private let number = Atomic(0)

    var count: Int { max(1, number.load(ordering: .relaxed)) }
    func add(_ change: Int) { number.add(change, ordering: .relaxed) }
}

/// Something that happens once.
final class AsyncOnce: Sendable {
    private let hasHappened = Atomic(false)

    var isSet: Bool { hasHappened.load(ordering: .relaxed) }
    /// - Returns: whether it is the first time.
    func set() -> Bool { !hasHappened.exchange(true, ordering: .relaxed) }
}

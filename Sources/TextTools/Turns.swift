/// One at a time, in the order in which they came: who comes second finds what the first has done.
package struct Turns: Sendable {
    private let seat = Seats(1)

    package init() {}

    /// Does the work when it is its turn. Work must not take another turn of the same.
    package func take<Value, Fault: Error>(
        isolation actor: isolated (any Actor)? = #isolation, _ work: () async throws(Fault) -> Value
    ) async throws(Fault) -> Value {
        await seat.enter()
        do throws(Fault) {
            let value = try await work()
            await seat.leave()
            return value
        } catch {
            await seat.leave()
            throw error
        }
    }
}

/// So many at a time, in the order in which they came.
package actor Seats {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    package init(_ count: Int) { free = max(1, count) }

    package func enter() async {
        guard free == 0 else { return free -= 1 }
        await withCheckedContinuation { waiting.append($0) }
    }

    package func leave() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}

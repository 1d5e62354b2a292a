/// One at a time, in the order in which they came: who comes second finds what the first has done.
package struct Turns: Sendable {
    private let gate = Gate()

    package init() {}

    /// Does the work when it is its turn. Work must not take another turn of the same.
    package func take<Value>(
        isolation actor: isolated (any Actor)? = #isolation, _ work: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        await gate.enter()
        do throws(Failure) {
            let value = try await work()
            await gate.leave()
            return value
        } catch {
            await gate.leave()
            throw error
        }
    }

    private actor Gate {
        private var isTaken = false
        private var waiting: [CheckedContinuation<Void, Never>] = []

        func enter() async {
            guard isTaken else { return isTaken = true }
            await withCheckedContinuation { waiting.append($0) }
        }

        func leave() {
            if waiting.isEmpty { isTaken = false } else { waiting.removeFirst().resume() }
        }
    }
}

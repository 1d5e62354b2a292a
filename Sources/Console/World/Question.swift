import Foundation

/// Asks the person at the terminal. Reading happens on a thread of its own, so that nothing else waits for it.
struct Question: Sendable {
    private let world: World

    init(_ world: World) { self.world = world }

    /// True for an answer that begins with y; false for all else, and where nobody can be asked.
    func ask(_ question: String) async -> Bool {
        guard world.canAsk else { return false }
        world.err.write("\(question) [y/N] ")
        let answer = await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: readLine() ?? "") }
        }
        return answer.lowercased().hasPrefix("y")
    }
}

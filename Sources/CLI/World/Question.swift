import Essentials
import Reporting
import Synchronization

/// Asks the person at the terminal. Reading happens on a thread of its own, so that nothing else waits for it.
struct Question: Sendable {
    private let world: World

    init(_ world: World) { self.world = world }

    /// True for an answer that begins with y; false for all else, and where nobody can be asked.
    func ask(_ question: String) async -> Bool {
        guard world.canAsk else { return false }
        world.err.write("\(question) [y/N] ")
        return await answer()?.lowercased().hasPrefix("y") == true
    }

    /// True unless the answer begins with n.
    func confirm(_ question: String) async -> Bool {
        guard world.canAsk else { return false }
        world.err.write("\(question) [Y/n] ")
        return await answer().map { !$0.lowercased().hasPrefix("n") } ?? false
    }

    /// The line that is typed, or what is offered; nil when nobody answers (the input is closed, or Ctrl-C).
    func line(_ question: String, offering offer: String?) async -> String? {
        guard world.canAsk else { return nil }
        world.err.write(question + (offer.map { " [\($0)]" } ?? "") + ": ")
        guard let typed = await answer() else { return nil }
        let text = typed.trimmingSpaces()
        return text.isEmpty ? offer : text
    }

    /// A line that is not shown as it is typed; nil when nobody answers.
    func hidden(_ question: String) async -> String? {
        guard world.canAsk else { return nil }
        world.err.write(question + ": ")
        let echo = Echo()
        defer {
            echo.restore()
            world.err.write("\n")
        }
        return await answer()
    }

    /// Ctrl-C ends the waiting; the thread that reads is left to the end of the process.
    private func answer() async -> String? {
        let waiting = Waiting()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                waiting.begin(continuation)
                DispatchQueue.global().async { waiting.end(with: readLine()) }
            }
        } onCancel: {
            waiting.end(with: nil)
        }
    }
}

/// A continuation that is resumed once, whoever is first.
private final class Waiting: Sendable {
    private let state = Mutex<(continuation: CheckedContinuation<String?, Never>?, isOver: Bool)>(
        (nil, false))

    func begin(_ continuation: CheckedContinuation<String?, Never>) {
        let isOver = state.withLock { state in
            if !state.isOver { state.continuation = continuation }
            return state.isOver
        }
        if isOver { continuation.resume(returning: nil) }
    }

    func end(with line: String?) {
        let continuation = state.withLock { state in
            defer { state = (nil, true) }
            return state.continuation
        }
        continuation?.resume(returning: line)
    }
}

/// A terminal that does not show what is typed (termios(3)), until it is restored.
private struct Echo {
    private var before = termios()
    private let isChanged: Bool

    init() {
        var now = termios()
        guard tcgetattr(0, &now) == 0 else {
            isChanged = false
            return
        }
        before = now
        now.c_lflag &= ~tcflag_t(ECHO)
        isChanged = tcsetattr(0, TCSAFLUSH, &now) == 0
    }

    func restore() {
        var before = before
        if isChanged { _ = tcsetattr(0, TCSAFLUSH, &before) }
    }
}

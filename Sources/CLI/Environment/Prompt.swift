import Essentials
import Reporting
import Synchronization

/// Asks the person at the terminal. Reading happens on a thread of its own, so that nothing else waits for it.
struct Prompt: Sendable {
    private let environment: CommandEnvironment

    init(_ environment: CommandEnvironment) { self.environment = environment }

    /// True for an answer that begins with y; false for all else, and where nobody can be asked.
    func confirmDefaultNo(_ prompt: String) async -> Bool {
        guard environment.canAsk else { return false }
        environment.err.write("\(prompt) [y/N] ")
        return await readResponse()?.lowercased().hasPrefix("y") == true
    }

    /// True unless the answer begins with n.
    func confirmDefaultYes(_ prompt: String) async -> Bool {
        guard environment.canAsk else { return false }
        environment.err.write("\(prompt) [Y/n] ")
        return await readResponse().map { !$0.lowercased().hasPrefix("n") } ?? false
    }

    /// The line that is typed, or what is offered; nil when nobody answers (the input is closed, or Ctrl-C).
    func readText(_ prompt: String, offering defaultValue: String?) async -> String? {
        guard environment.canAsk else { return nil }
        environment.err.write(prompt + (defaultValue.map { " [\($0)]" } ?? "") + ": ")
        guard let typed = await readResponse() else { return nil }
        let text = typed.trimmingSpaces()
        return text.isEmpty ? defaultValue : text
    }

    /// A line that is not shown as it is typed; nil when nobody answers.
    func readHidden(_ prompt: String) async -> String? {
        guard environment.canAsk else { return nil }
        environment.err.write(prompt + ": ")
        let echo = Echo()
        defer {
            echo.restore()
            environment.err.write("\n")
        }
        return await readResponse()
    }

    /// Ctrl-C ends the waiting; the thread that reads is left to the end of the process.
    private func readResponse() async -> String? {
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

import Essentials
import Reporting
import Synchronization
import TextTools

/// Asks the user at the terminal. Reading happens on its own thread and blocks no other work.
struct Prompt: Sendable {
    private let environment: CommandEnvironment

    init(_ environment: CommandEnvironment) { self.environment = environment }

    /// Writes a prompt, wrapped at words on a terminal; the text after the question is never separated from it.
    private func write(_ prompt: String, _ suffix: String) {
        let lines = (prompt + " " + suffix.trimmed).split(separator: "\n", omittingEmptySubsequences: false)
        let wrapped = lines.flatMap { line in
            environment.err.width.map { line.wrapped(to: $0) } ?? [String(line)]
        }
        environment.err.write(wrapped.joined(separator: "\n") + " ")
    }

    /// Returns true if the response starts with y; false otherwise, or if there is no terminal.
    func confirmDefaultNo(_ prompt: String) async -> Bool {
        guard environment.canAsk else { return false }
        write(prompt, " [y/N] ")
        return await readResponse()?.lowercased().hasPrefix("y") == true
    }

    /// Returns false if the response starts with n, or if there is no terminal.
    func confirmDefaultYes(_ prompt: String) async -> Bool {
        guard environment.canAsk else { return false }
        write(prompt, " [Y/n] ")
        return await readResponse().map { !$0.lowercased().hasPrefix("n") } ?? false
    }

    /// Returns the typed line, or the default value if it is empty; `nil` if there is no response
    /// (the input is closed, or Ctrl-C).
    func readText(_ prompt: String, offering defaultValue: String?) async -> String? {
        guard environment.canAsk else { return nil }
        environment.err.write(prompt + (defaultValue.map { " [\($0)]" } ?? "") + ": ")
        guard let typed = await readResponse() else { return nil }
        let text = typed.trimmingSpaces()
        return text.isEmpty ? defaultValue : text
    }

    /// Reads a line that is not shown while it is typed; `nil` if there is no response.
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

    /// Ctrl-C ends the wait; the reading thread stays blocked until the process ends.
    private func readResponse() async -> String? {
        let waiting = Waiting()
        defer { environment.err.lineEnded() }
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

/// A continuation that is resumed once, by the first of several callers.
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

/// A terminal that does not echo input (termios(3)) until it is restored.
private struct Echo {
    private var before = termios()
    private let isChanged: Bool

    init() {
        var changed = termios()
        guard tcgetattr(0, &changed) == 0 else {
            isChanged = false
            return
        }
        before = changed
        changed.c_lflag &= ~tcflag_t(ECHO)
        isChanged = tcsetattr(0, TCSAFLUSH, &changed) == 0
    }

    func restore() {
        var before = before
        if isChanged { _ = tcsetattr(0, TCSAFLUSH, &before) }
    }
}

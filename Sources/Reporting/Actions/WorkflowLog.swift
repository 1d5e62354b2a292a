import Synchronization

/// Protects the output of a step from being taken for workflow commands. GitHub's runner looks for
/// commands in both streams with one reader (actions/runner: ScriptHandler.cs and
/// OutputManager.cs), and build logs, servers and file names may contain any text. Commands are
/// stopped before the first text (`::stop-commands::`), and resumed for own commands and at the end
/// of the run.
package final class WorkflowLog: Sendable {
    private let err: Terminal
    /// The token that resumes commands; `nil` while commands are not stopped. It is random, so that
    /// no text can contain it.
    private let token = Mutex<String?>(nil)

    package init(_ err: Terminal) { self.err = err }

    /// Stops commands. Called before text is written to either stream.
    package func close() {
        token.withLock { token in
            guard token == nil else { return }
            let newToken = Self.random()
            err.write("::stop-commands::\(newToken)\n")
            token = newToken
        }
    }

    func send(_ commands: [WorkflowCommand]) {
        guard !commands.isEmpty else { return }
        token.withLock { token in
            open(&token)
            err.write(commands.map { "\($0)\n" }.joined())
        }
    }

    /// Resumes commands, for other programs of the step.
    func open() { token.withLock { open(&$0) } }

    private func open(_ token: inout String?) {
        if let token { err.write("::\(token)::\n") }
        token = nil
    }

    /// Returns a random string of 128 bits.
    static func random() -> String {
        let halves = [UInt64.random(in: .min ... .max), .random(in: .min ... .max)]
        return "spacesync-" + halves.map { String($0, radix: 36) }.joined()
    }
}

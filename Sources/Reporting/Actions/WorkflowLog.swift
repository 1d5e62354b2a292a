import Synchronization

/// The streams of a step as GitHub's runner reads them. It looks for commands in both with one reader (actions/runner:
/// ScriptHandler.cs and OutputManager.cs), and what builds, servers and file names say must not become one: commands are
/// off from the first text on (`::stop-commands::`), and on for those that are sent here and when the run ends.
package final class WorkflowLog: Sendable {
    private let err: Terminal
    /// What puts commands on again, where they are off. Nobody else can know it: it is another each time.
    private let token = Mutex<String?>(nil)

    package init(_ err: Terminal) { self.err = err }

    /// Called before text is written, to whichever stream.
    package func close() {
        token.withLock { token in
            guard token == nil else { return }
            let fresh = Self.random()
            err.write("::stop-commands::\(fresh)\n")
            token = fresh
        }
    }

    func send(_ commands: [WorkflowCommand]) {
        guard !commands.isEmpty else { return }
        token.withLock { token in
            open(&token)
            err.write(commands.map { "\($0)\n" }.joined())
        }
    }

    /// What other programs of the step write is theirs.
    func open() { token.withLock { open(&$0) } }

    private func open(_ token: inout String?) {
        if let token { err.write("::\(token)::\n") }
        token = nil
    }

    /// 128 bits.
    static func random() -> String {
        let halves = [UInt64.random(in: .min ... .max), .random(in: .min ... .max)]
        return "spacesync-" + halves.map { String($0, radix: 36) }.joined()
    }
}

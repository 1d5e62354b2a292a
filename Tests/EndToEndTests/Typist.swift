import Foundation
import TestSupport
import Testing

extension Scene {
    /// Runs the built binary on a terminal of its own and types an answer at each question; both streams are `out`.
    /// - Parameter answers: separated by `|`; an empty one is Ctrl-C.
    func onTerminal(
        _ arguments: [String], answering answers: String, in directory: URL, adding: [String: String] = [:]
    ) async throws -> Finished {
        let python = try #require(Peer("python3").path)
        return try await run(
            python, ["-c", Self.typist, answers, Binary.path] + arguments,
            environment: environment.merging(adding) { $1 }, directory: directory)
    }

    private static let typist = """
        import os, pty, sys
        answers, line = sys.argv[1].split('|'), sys.argv[2:]
        child, terminal = pty.fork()
        if child == 0: os.execv(line[0], line)
        said = b''
        try:
            while True:
                part = os.read(terminal, 4096)
                if not part: break
                sys.stdout.buffer.write(part); said += part
                if answers and said.endswith((b': ', b'[Y/n] ', b'[y/N] ')):
                    answer = answers.pop(0); said = b''
                    os.write(terminal, answer.encode() or b'\\x03')
        except OSError: pass
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        """
}

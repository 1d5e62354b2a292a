import Foundation
import TestSupport
import Testing

extension Scene {
    /// Runs the built binary on a pseudoterminal and types one answer per prompt; an empty answer
    /// is Ctrl-C. The terminal's whole output is in `out`, with CR LF.
    /// - Parameter meanwhile: a shell command, run at each prompt before it is answered.
    func onTerminal(
        _ arguments: String..., answering answers: [String], in directory: URL,
        changing: [String: String?] = [:], meanwhile: String = "true"
    ) async throws -> Finished {
        try await onTerminal(
            arguments, answering: answers, in: directory, changing: changing, meanwhile: meanwhile)
    }

    func onTerminal(
        _ arguments: [String], answering answers: [String], in directory: URL,
        changing: [String: String?] = [:], meanwhile: String = "true"
    ) async throws -> Finished {
        let python = try #require(Peer("python3").path)
        let environment = environment.merging(changing.mapValues { $0 ?? "" }) { $1 }.filter {
            !$0.value.isEmpty
        }
        return try await run(
            python, ["-c", Self.typist, answers.joined(separator: "|"), meanwhile, Binary.path] + arguments,
            environment: environment, directory: directory)
    }

    private static let typist = """
        import os, pty, subprocess, sys
        answers, meanwhile, line = sys.argv[1].split('|'), sys.argv[2], sys.argv[3:]
        child, terminal = pty.fork()
        if child == 0: os.execv(line[0], line)
        said = b''
        try:
            while True:
                part = os.read(terminal, 4096)
                if not part: break
                sys.stdout.buffer.write(part); said += part
                if answers and said.endswith((b': ', b'[Y/n] ', b'[y/N] ')):
                    subprocess.run(meanwhile, shell=True, check=True, stdout=subprocess.DEVNULL)
                    answer = answers.pop(0); said = b''
                    os.write(terminal, answer.encode() or b'\\x03')
        except OSError: pass
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        """
}

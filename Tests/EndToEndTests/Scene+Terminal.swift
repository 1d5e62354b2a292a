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

    /// Runs the built binary on a pseudoterminal of a size, and presses a key when its output contains a text.
    func onTerminal(
        _ arguments: [String], pressing key: String = "", when text: String = "\u{0}", columns: Int = 80,
        rows: Int = 40, in directory: URL? = nil, changing: [String: String?] = [:]
    ) async throws -> Finished {
        let python = try #require(Peer("python3").path)
        let environment = environment.merging(changing.mapValues { $0 ?? "" }) { $1 }.filter {
            !$0.value.isEmpty
        }
        return try await run(
            python, ["-c", Self.viewer, key, text, "\(columns)", "\(rows)", Binary.path] + arguments,
            environment: environment, directory: directory ?? folder.url)
    }

    private static let viewer = """
        import fcntl, os, pty, struct, sys, termios, time
        key, text, columns, rows, line = sys.argv[1], sys.argv[2].encode(), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5:]
        child, terminal = pty.fork()
        if child == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))
            os.execv(line[0], line)
        said = b''
        try:
            while True:
                part = os.read(terminal, 4096)
                if not part: break
                sys.stdout.buffer.write(part); said += part
                if key and text in said:
                    time.sleep(0.3); os.write(terminal, key.encode()); key = ''
        except OSError: pass
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        """

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

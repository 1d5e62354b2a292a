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
        // Without a size, lines are neither wrapped nor shortened.
        try await onTerminal(
            ["0", "0", "", "", answers.joined(separator: "|"), meanwhile, Binary.path] + arguments,
            directory, changing)
    }

    /// Runs the built binary on a pseudoterminal of a size, and presses a key when its output contains a text.
    func onTerminal(
        _ arguments: [String], pressing key: String = "", when text: String = "", columns: Int = 80,
        rows: Int = 40, in directory: URL? = nil, changing: [String: String?] = [:]
    ) async throws -> Finished {
        try await onTerminal(
            ["\(columns)", "\(rows)", key, text, "-", "true", Binary.path] + arguments,
            directory ?? folder.url, changing)
    }

    private func onTerminal(_ line: [String], _ directory: URL, _ changing: [String: String?]) async throws
        -> Finished
    {
        let python = try #require(Peer("python3").path)
        let environment = environment.merging(changing.mapValues { $0 ?? "" }) { $1 }.filter {
            !$0.value.isEmpty
        }
        return try await run(
            python, ["-c", Self.terminal] + line, environment: environment, directory: directory)
    }

    /// Runs a command on a pseudoterminal: `columns rows key text answers meanwhile command…`. It presses the
    /// key when the output contains the text, and types the answers, separated by `|`, one per prompt.
    private static let terminal = """
        import fcntl, os, pty, struct, subprocess, sys, termios
        columns, rows, key, text, answers, meanwhile, *line = sys.argv[1:]
        answers = answers.split('|') if answers != '-' else []
        child, terminal = pty.fork()
        if child == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', int(rows), int(columns), 0, 0))
            os.execv(line[0], line)
        said = b''
        try:
            while True:
                part = os.read(terminal, 4096)
                if not part: break
                sys.stdout.buffer.write(part); said += part
                if key and text.encode() in said:
                    os.write(terminal, key.encode()); key = ''
                if answers and said.endswith((b': ', b'[Y/n] ', b'[y/N] ')):
                    subprocess.run(meanwhile, shell=True, check=True, stdout=subprocess.DEVNULL)
                    answer = answers.pop(0); said = b''
                    os.write(terminal, answer.encode() or b'\\x03')
        except OSError: pass
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        """
}

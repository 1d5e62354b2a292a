import Essentials

/// A place where a script asks this process a question and waits for the reply: two named pipes, `ask` and `answer`,
/// in a folder of their own. The script ends its question with a line `.`.
///
/// Both pipes are held open in both directions, so that the script never waits in `open`, and reads an end of file
/// should this process die.
package final class NamedPipeChannel: Sendable {
    package let folder: URL
    private let requestPipe: Int32
    private let responsePipe: Int32

    /// Makes the folder and its pipes.
    package init(in parent: URL) throws {
        folder = parent.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        requestPipe = try Self.makePipe(folder.appendingPathComponent("ask").path)
        responsePipe = try Self.makePipe(folder.appendingPathComponent("answer").path)
    }

    /// The lines of the next question. Throws `CancellationError`.
    package func readRequest() async throws -> [String] {
        var bytes: [UInt8] = []
        while !Self.isComplete(bytes) {
            guard await Poller.shared.wait(for: .read, on: requestPipe) else { throw CancellationError() }
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = Essentials.read(requestPipe, &buffer, buffer.count)
            if count > 0 { bytes += buffer[..<count] }
        }
        return String(decoding: bytes, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false).dropLast(2).map(String.init)
    }

    /// What a pipe holds at once: a longer reply is cut at a line.
    package func reply(_ lines: [String], last: String) {
        var kept: [String] = [], size = last.utf8.count + 1
        for line in lines where size + line.utf8.count < 60_000 {
            kept.append(line)
            size += line.utf8.count + 1
        }
        let bytes = Array((kept + [last, ""]).joined(separator: "\n").utf8)
        _ = Essentials.write(responsePipe, bytes, bytes.count)
    }

    private static func isComplete(_ bytes: [UInt8]) -> Bool {
        bytes.suffix(3) == [10, 46, 10] || bytes == [46, 10]
    }

    private static func makePipe(_ path: String) throws -> Int32 {
        guard mkfifo(path, 0o600) == 0 else { throw SystemError("mkfifo") }
        let descriptor = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError("open") }
        return descriptor
    }

    deinit {
        _ = systemClose(requestPipe)
        _ = systemClose(responsePipe)
        try? FileManager.default.removeItem(at: folder)
    }
}

import Essentials

/// Request-response channel from a script to this process: two named pipes, `ask` and `answer`, in a
/// separate folder. The script ends its request with a line `.`.
///
/// This process keeps both pipes open for reading and writing, so that the script never blocks in
/// `open`, and reads end of file if this process dies.
package final class NamedPipeChannel: Sendable {
    package let folder: URL
    private let requestPipe: Int32
    private let responsePipe: Int32

    /// Creates the folder and its pipes.
    package init(in parent: URL) throws {
        folder = parent.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        requestPipe = try Self.makePipe(folder.appendingPathComponent("ask").path)
        responsePipe = try Self.makePipe(folder.appendingPathComponent("answer").path)
    }

    /// Waits for the next request and returns its lines. Throws `CancellationError`.
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

    /// Sends a reply. Lines beyond 60,000 bytes are dropped, so that the reply fits into the pipe's buffer.
    package func reply(_ lines: [String], last: String) {
        var included: [String] = [], size = last.utf8.count + 1
        for line in lines where size + line.utf8.count < 60_000 {
            included.append(line)
            size += line.utf8.count + 1
        }
        let bytes = Array((included + [last, ""]).joined(separator: "\n").utf8)
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

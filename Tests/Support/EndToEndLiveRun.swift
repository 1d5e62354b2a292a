import Foundation

/// A child process running in the background: the test can read its output so far, send it signals
/// and wait for its exit. It is terminated when the last reference is gone.
package final class LiveRun: Sendable {
    private let process: Process
    private let scratch: TestDirectory
    private let ended: Task<Int32, Never>

    package static func start(
        _ program: String, _ arguments: [String], environment: [String: String], directory: URL
    ) throws -> LiveRun {
        let scratch = try TestDirectory()
        let streams = try ["out", "err"].map { try FileHandle(forWritingTo: scratch.write($0, "")) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        // `exec` keeps the child's process id, so that a signal reaches the program itself.
        process.arguments =
            ["-c", "cd \"$1\" && shift && exec \"$@\"", "sh", directory.path, program] + arguments
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        (process.standardOutput, process.standardError) = (streams[0], streams[1])
        let (ends, feed) = AsyncStream<Int32>.makeStream()
        process.terminationHandler = { process in
            let isSignal = process.terminationReason == .uncaughtSignal
            feed.yield((isSignal ? 128 : 0) + process.terminationStatus)
            feed.finish()
        }
        try process.begin()
        return LiveRun(process, scratch, ends)
    }

    private init(_ process: Process, _ scratch: TestDirectory, _ ends: AsyncStream<Int32>) {
        (self.process, self.scratch) = (process, scratch)
        ended = Task { await ends.first { _ in true } ?? -1 }
    }

    deinit { if process.isRunning { process.terminate() } }

    package var id: Int32 { process.processIdentifier }
    package var isRunning: Bool { process.isRunning }
    package var out: String { (try? scratch.read("out")).map { String(decoding: $0, as: UTF8.self) } ?? "" }
    package var err: String { (try? scratch.read("err")).map { String(decoding: $0, as: UTF8.self) } ?? "" }

    package func send(_ signal: Int32) { if process.isRunning { kill(id, signal) } }

    /// Waits until the program has printed the text on either stream. Returns false if the program
    /// exits, or `limit` passes, without it.
    package func says(_ text: String, within limit: Duration = .seconds(180)) async -> Bool {
        func isPrinted() -> Bool { out.contains(text) || err.contains(text) }
        _ = await eventually(within: limit) { isPrinted() || !isRunning }
        return isPrinted()
    }

    package func end() async -> Finished { Finished(status: await ended.value, out: out, err: err) }
}

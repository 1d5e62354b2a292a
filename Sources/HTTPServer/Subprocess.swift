import Essentials

/// A running program. Its standard input and output are one socket, so that a write to a program that is gone is an
/// error and no signal.
package final class Subprocess: Sendable {
    private let process: WatchedProcess
    private let stream: Socket
    private let standardError: Socket

    /// Throws `SystemError`.
    package init(_ program: SubprocessConfiguration) throws {
        let (stream, input) = try Socket.pair()
        defer { _ = systemClose(input) }
        let (complaints, errors) = try Socket.pair()
        defer { _ = systemClose(errors) }
        let child = ChildProcess(
            program.path, program.arguments, environment: program.environment,
            descriptors: [0: input, 1: input, 2: errors])
        guard let child else { throw SystemError("start a program") }
        (process, self.stream, self.standardError) = (WatchedProcess(child), stream, complaints)
    }

    /// The next bytes of its standard output; nil at the end.
    package func read() async throws -> [UInt8]? {
        do {
            return try await stream.read()
        } catch is Disconnected {
            // A program that ends without reading its input resets the socket; its output is over all the same.
            return nil
        }
    }

    /// Throws `Disconnected` when the program reads no more.
    package func write(_ bytes: [UInt8]) async throws { try await stream.write(bytes) }

    /// Tells the program that its input is over.
    package func finishInput() { stream.finishWriting() }

    /// Writes the whole input; a program that does not want it may leave it.
    package func feed(_ input: [UInt8]) async {
        try? await write(input)
        finishInput()
    }

    /// Its standard error up to the end, of which the first 64 KiB are kept.
    package func readStandardError() async -> String {
        var kept: [UInt8] = []
        while let piece = try? await standardError.read() {
            kept += piece.prefix(max(0, 65_536 - kept.count))
        }
        return String(decoding: kept, as: UTF8.self)
    }

    /// The exit code, once it ended; 128 and the signal's number when a signal ended it.
    package func waitForExit() async -> Int32 { await process.waitForExit() }

    /// Ends the program when the work throws or its task is cancelled.
    package func whileRunning<Result: Sendable>(
        _ work: @Sendable () async throws -> Result
    ) async throws -> Result {
        do {
            return try await withTaskCancellationHandler {
                try await work()
            } onCancel: {
                terminate()
            }
        } catch {
            terminate()
            throw error
        }
    }

    /// Lets the program come to its end without a reader; ends it when the time is over.
    func drain(within limit: Duration) async {
        finishInput()
        let alarm = Task {
            try await Task.sleep(for: limit)
            terminate()
        }
        while let piece = try? await read(), !piece.isEmpty {}
        alarm.cancel()
    }

    private func terminate() { process.terminate() }
}

import Essentials

/// A running child process. Its standard input and output are one socket, so that writing to a program
/// that has exited is an error instead of SIGPIPE.
package final class Subprocess: Sendable {
    private let process: WatchedProcess
    private let stream: Socket
    private let standardError: Socket

    /// Starts the program. Throws `SystemError`.
    package init(_ program: SubprocessConfiguration) throws {
        let (stream, childInput) = try Socket.pair()
        defer { _ = systemClose(childInput) }
        let (standardError, childError) = try Socket.pair()
        defer { _ = systemClose(childError) }
        let child = ChildProcess(
            program.path, program.arguments, environment: program.environment,
            descriptors: [0: childInput, 1: childInput, 2: childError])
        guard let child else { throw SystemError("start a program") }
        (process, self.stream, self.standardError) = (WatchedProcess(child), stream, standardError)
    }

    /// Reads the next bytes of standard output; `nil` at the end.
    package func read() async throws -> [UInt8]? {
        do {
            return try await stream.read()
        } catch is Disconnected {
            // A program that exits without reading its input resets the socket: this is the end of its
            // output.
            return nil
        }
    }

    /// Writes to standard input. Throws `Disconnected` if the program does not read any more.
    package func write(_ bytes: [UInt8]) async throws { try await stream.write(bytes) }

    /// Closes the program's standard input.
    package func finishInput() { stream.finishWriting() }

    /// Writes the whole input and closes it. Ignores errors, as a program need not read its input.
    package func feed(_ input: [UInt8]) async {
        try? await write(input)
        finishInput()
    }

    /// Reads standard error to its end. Returns the first 64 KiB.
    package func readStandardError() async -> String {
        var bytes: [UInt8] = []
        while let piece = try? await standardError.read() {
            bytes += piece.prefix(max(0, 65_536 - bytes.count))
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Waits for the program to end.
    /// - Returns: the exit code; 128 plus the signal number if a signal ended the program.
    package func waitForExit() async -> Int32 { await process.waitForExit() }

    /// Runs the work. Terminates the program if the work throws or its task is cancelled.
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

    /// Closes the program's input and discards its output until it ends. Terminates it after `limit`.
    func drain(within limit: Duration) async {
        finishInput()
        let timeout = Task {
            try await Task.sleep(for: limit)
            terminate()
        }
        while let piece = try? await read(), !piece.isEmpty {}
        timeout.cancel()
    }

    private func terminate() { process.terminate() }
}

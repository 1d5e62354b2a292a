import Essentials
import Synchronization

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

/// A program to run, with its arguments and environment. No variables of this process are inherited.
package struct SubprocessConfiguration: Sendable {
    /// An absolute path.
    package var path: String
    package var arguments: [String]
    package var environment: [String: String]

    package init(_ path: String, _ arguments: [String] = [], environment: [String: String] = [:]) {
        (self.path, self.arguments, self.environment) = (path, arguments, environment)
    }

    /// The result of a program that has ended.
    package struct Finished: Sendable {
        /// The exit code; 128 plus the signal number if a signal ended the program.
        package var status: Int32
        package var output: [UInt8]
        /// The first 64 KiB of standard error.
        package var errors: String
    }

    /// Finds an executable on a search path.
    /// - Parameter path: directories separated by colons; `nil` for `/usr/local/bin:/usr/bin:/bin`.
    /// - Returns: its path; `nil` if it is not found.
    package static func find(_ name: String, on path: String?) -> String? {
        (path ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":").map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Runs the program to its end. If the task is cancelled, the program is terminated.
    package func run(input: [UInt8] = []) async throws -> Finished {
        let child = try Subprocess(self)
        return try await child.whileRunning {
            async let feeding: Void = child.feed(input)
            async let errors = child.readStandardError()
            var output: [UInt8] = []
            while let piece = try await child.read() { output += piece }
            await feeding
            return Finished(status: await child.waitForExit(), output: output, errors: await errors)
        }
    }
}

/// A failed system call, with the system's error message.
package struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    package var call: String
    package var code: Int32

    /// - Parameter code: `errno` by default, read at the call site.
    init(_ call: String, code: Int32 = errno) { (self.call, self.code) = (call, code) }

    package var description: String { "\(call): \(String(cString: strerror(code)))" }
}

import Foundation
import Synchronization

/// A child process that is waited for without a thread: its end arrives by termination handler.
enum Child {
    struct Ended: Sendable {
        /// 127 when it could not be started.
        var status: Int32
        /// What it wrote to standard output when it was given input; less than a pipe holds (64 KiB).
        var output = Data()
    }

    /// One starts at a time: two could inherit one another's pipes, by whose end Foundation learns of theirs.
    private static let launching = Mutex(())

    /// Runs a program found on the PATH of `environment`; what it says on standard error is dropped.
    /// - Parameters:
    ///   - input: what it reads, less than a pipe holds; nil for nothing.
    ///   - patience: how long it may take; it is ended then.
    static func run(
        _ program: String, _ arguments: [String], environment: [String: String], directory: String,
        input: Data? = nil, patience: Duration? = nil
    ) async -> Ended {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.environment = environment
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        process.standardError = FileHandle.nullDevice
        let pipes = input.map { _ in (question: Pipe(), answer: Pipe()) }
        process.standardInput = pipes?.question ?? FileHandle.nullDevice as Any
        process.standardOutput = pipes?.answer ?? FileHandle.nullDevice as Any
        let status: Int32 = await withCheckedContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do {
                try launching.withLock { _ in try process.run() }
            } catch {
                process.terminationHandler = nil
                return continuation.resume(returning: 127)
            }
            try? pipes?.question.fileHandleForWriting.write(contentsOf: input ?? Data())
            try? pipes?.question.fileHandleForWriting.close()
            if let patience { end(process, after: patience) }
        }
        // Of one that was ended, a child of its own may still hold the pipe.
        guard status == 0, let answer = pipes?.answer.fileHandleForReading else {
            return Ended(status: status)
        }
        return Ended(status: status, output: (try? answer.readToEnd()) ?? Data())
    }

    private static func end(_ process: Process, after patience: Duration) {
        Task {
            try? await Task.sleep(for: patience)
            if process.isRunning { process.terminate() }
        }
    }
}

import Foundation

/// The exit status and output of a finished program.
package struct Finished: Sendable, CustomStringConvertible {
    /// The exit code, or 128 plus the signal number if a signal terminated the program.
    package var status: Int32
    package var out: String
    package var err: String

    package var description: String { "exit \(status)\n\(out)\n\(err)" }
}

/// Runs a program and waits for its exit without blocking a thread. The program gets the given
/// environment only. Its standard streams are files, so that a grandchild that is still running can't
/// delay the result.
package func run(
    _ program: String, _ arguments: [String] = [], environment: [String: String] = [:],
    directory: URL? = nil, input: Data = Data()
) async throws -> Finished {
    let slot = await Crowd.children.enter()
    defer { withExtendedLifetime(slot) {} }
    let scratch = try TestDirectory()
    let files = try ["in", "out", "err"].map { try scratch.write($0, $0 == "in" ? input : Data()) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    // The child changes the directory: `currentDirectoryURL` changes that of this process on some
    // systems.
    let script = "cd \"$1\" && shift && exec \"$@\""
    process.arguments = ["-c", script, "sh", (directory ?? scratch.url).path, program] + arguments
    process.environment = environment
    process.standardInput = try FileHandle(forReadingFrom: files[0])
    process.standardOutput = try FileHandle(forWritingTo: files[1])
    process.standardError = try FileHandle(forWritingTo: files[2])
    let status: Int32 = try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { process in
                let isSignal = process.terminationReason == .uncaughtSignal
                continuation.resume(returning: (isSignal ? 128 : 0) + process.terminationStatus)
            }
            do { try process.begin() } catch { continuation.resume(throwing: error) }
        }
    } onCancel: {
        if process.isRunning { process.terminate() }
    }
    return Finished(
        status: status, out: String(decoding: try scratch.read("out"), as: UTF8.self),
        err: String(decoding: try scratch.read("err"), as: UTF8.self))
}

/// Polls a condition every 10 ms until it is true or the time limit is over. Returns whether it
/// became true.
package func eventually(
    within limit: Duration = .seconds(180), _ condition: () async throws -> Bool
) async rethrows -> Bool {
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
        if try await condition() { return true }
        guard !Task.isCancelled else { return false }
        try? await Task.sleep(for: .milliseconds(10))
    }
    return try await condition()
}

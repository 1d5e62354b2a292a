import Foundation

/// What a program that ended has left.
package struct Finished: Sendable, CustomStringConvertible {
    /// The exit code; 128 and the signal's number when a signal ended it.
    package var status: Int32
    package var out: String
    package var err: String

    package var description: String { "exit \(status)\n\(out)\n\(err)" }
}

/// Runs a program to its end without holding a thread. Its environment is what is given, and nothing else; its
/// streams are files, so that a grandchild that lives on holds nobody up.
package func run(
    _ program: String, _ arguments: [String] = [], environment: [String: String] = [:],
    directory: URL? = nil, input: Data = Data()
) async throws -> Finished {
    let place = await Crowd.children.enter()
    defer { withExtendedLifetime(place) {} }
    let scratch = try TestDirectory()
    let files = try ["in", "out", "err"].map { try scratch.write($0, $0 == "in" ? input : Data()) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    // The folder is entered by the child: `currentDirectoryURL` moves this whole process on some systems.
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

/// Asks again and again until it holds, or the time is over. Returns whether it held.
package func eventually(
    within limit: Duration = .seconds(180), _ holds: () async throws -> Bool
) async rethrows -> Bool {
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
        if try await holds() { return true }
        guard !Task.isCancelled else { return false }
        try? await Task.sleep(for: .milliseconds(10))
    }
    return try await holds()
}

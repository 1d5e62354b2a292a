import Foundation

/// A child process that is waited for without a thread: its end arrives by termination handler.
enum Child {
    /// Runs a program found on the PATH of `environment`, its output dropped, and returns its status; 127 when it
    /// cannot be started.
    static func run(
        _ program: String, _ arguments: [String], environment: [String: String], directory: String
    ) async -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.environment = environment
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        return await withCheckedContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch {
                process.terminationHandler = nil
                continuation.resume(returning: 127)
            }
        }
    }
}

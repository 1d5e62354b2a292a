import Essentials
import Synchronization

/// A program to be run, with an environment of its own: nothing of ours is inherited.
package struct SubprocessConfiguration: Sendable {
    /// An absolute path.
    package var path: String
    package var arguments: [String]
    package var environment: [String: String]

    package init(_ path: String, _ arguments: [String] = [], environment: [String: String] = [:]) {
        (self.path, self.arguments, self.environment) = (path, arguments, environment)
    }

    /// What a program that ended has left.
    package struct Finished: Sendable {
        /// The exit code; 128 and the signal's number when a signal ended it.
        package var status: Int32
        package var output: [UInt8]
        /// The first 64 KiB of standard error.
        package var errors: String
    }

    /// Finds a program on a search path.
    package static func find(_ name: String, on path: String?) -> String? {
        (path ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":").map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Runs it to its end. Cancelling the task ends the program.
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

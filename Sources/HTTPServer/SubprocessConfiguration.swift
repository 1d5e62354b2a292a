import Essentials
import Synchronization

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

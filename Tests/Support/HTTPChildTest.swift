import Foundation

/// Runs one test of this test bundle in a child process with its own environment.
package enum ChildTest {
    private static let key = "SPACESYNC_CHILD_TEST_OUTPUT"

    /// Whether this process is such a child process. Tests for child processes only are enabled by
    /// this property.
    package static var isRunning: Bool { ProcessInfo.processInfo.environment[key] != nil }

    /// Returns a text to the parent process. The test in the child process calls it.
    package static func answer(_ text: String) {
        guard let path = ProcessInfo.processInfo.environment[key] else { return }
        try? text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    /// Runs the test with this name in a child process, and returns the text that it passed to `answer`.
    /// - Throws: an error if the child's exit status is not 0.
    package static func output(of name: String, _ environment: [String: String] = [:]) async throws -> String
    {
        let outputFile = FileManager.default.temporaryDirectory.appendingPathComponent("child-\(UUID())")
        defer { try? FileManager.default.removeItem(at: outputFile) }
        let child = Process()
        child.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        let pattern = NSRegularExpression.escapedPattern(for: name)
        child.arguments = ["--testing-library", "swift-testing", "--filter", pattern]
        let own = ["PATH", "HOME", "LD_LIBRARY_PATH"]
            .compactMap { name in ProcessInfo.processInfo.environment[name].map { (name, $0) } }
        child.environment = environment.merging(own) { given, _ in given }.merging([key: outputFile.path]) {
            $1
        }
        child.standardOutput = FileHandle.nullDevice
        child.standardError = FileHandle.nullDevice
        try await run(child)
        return try String(contentsOf: outputFile, encoding: .utf8)
    }

    private static func run(_ child: Process) async throws {
        let slot = await Crowd.children.enter()
        defer { withExtendedLifetime(slot) {} }
        let status = try await withCheckedThrowingContinuation {
            (done: CheckedContinuation<Int32, any Error>) in
            child.terminationHandler = { done.resume(returning: $0.terminationStatus) }
            do { try child.begin() } catch { done.resume(throwing: error) }
        }
        guard status == 0 else { throw CocoaError(.executableLoad) }
    }
}

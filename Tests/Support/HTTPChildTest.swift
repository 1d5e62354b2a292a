import Foundation

/// Runs one test of this test bundle again in a process of its own, with an environment of its own.
package enum ChildTest {
    private static let key = "SPACESYNC_CHILD_TEST_OUTPUT"

    /// True in such a process: a test that is meant for it alone is enabled by this.
    package static var isRunning: Bool { ProcessInfo.processInfo.environment[key] != nil }

    /// Called by the test in the child: what the parent gets.
    package static func answer(_ text: String) {
        guard let path = ProcessInfo.processInfo.environment[key] else { return }
        try? text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    /// Runs the test with this name and returns what it answered.
    /// - Throws: when the child does not end well.
    package static func output(of name: String, _ environment: [String: String] = [:]) async throws -> String
    {
        let answer = FileManager.default.temporaryDirectory.appendingPathComponent("child-\(UUID())")
        defer { try? FileManager.default.removeItem(at: answer) }
        let child = Process()
        child.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        let pattern = NSRegularExpression.escapedPattern(for: name)
        child.arguments = ["--testing-library", "swift-testing", "--filter", pattern]
        let own = ["PATH", "HOME", "LD_LIBRARY_PATH"]
            .compactMap { name in ProcessInfo.processInfo.environment[name].map { (name, $0) } }
        child.environment = environment.merging(own) { given, _ in given }.merging([key: answer.path]) { $1 }
        child.standardOutput = FileHandle.nullDevice
        child.standardError = FileHandle.nullDevice
        try await run(child)
        return try String(contentsOf: answer, encoding: .utf8)
    }

    private static func run(_ child: Process) async throws {
        let place = await Crowd.children.enter()
        defer { withExtendedLifetime(place) {} }
        let status = try await withCheckedThrowingContinuation {
            (done: CheckedContinuation<Int32, any Error>) in
            child.terminationHandler = { done.resume(returning: $0.terminationStatus) }
            do { try child.begin() } catch { done.resume(throwing: error) }
        }
        guard status == 0 else { throw CocoaError(.executableLoad) }
    }
}

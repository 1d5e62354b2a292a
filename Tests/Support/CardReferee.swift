import Foundation

/// Runs a reference program in its own temporary directory and environment. Its standard streams are
/// files, so that a full pipe can't block it.
package struct Referee: Sendable {
    package struct Answer: Sendable {
        package var status: Int32
        package var output: [UInt8]
        package var errors: String
    }

    /// A temporary directory; `discard` removes it.
    package let directory: URL

    package init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "referee-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    package func discard() { try? FileManager.default.removeItem(at: directory) }

    package func write(_ bytes: some Sequence<UInt8>, to path: String) throws {
        let file = directory.appending(path: path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
    }

    /// Runs a program found on `PATH` in the directory, with `input` as its standard input, and waits
    /// for its exit.
    package func ask(_ command: [String], input: [UInt8] = []) async throws -> Answer {
        let name = UUID().uuidString
        let files = ["in", "out", "err"].map { directory.appending(path: ".\(name).\($0)") }
        for file in files { try Data(file == files[0] ? input : []).write(to: file) }
        let child = Process()
        child.executableURL = URL(filePath: "/usr/bin/env")
        (child.arguments, child.currentDirectoryURL) = (command, directory)
        child.environment = [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": directory.path,
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "LC_ALL": "C.UTF-8",
        ]
        child.standardInput = try FileHandle(forReadingFrom: files[0])
        child.standardOutput = try FileHandle(forWritingTo: files[1])
        child.standardError = try FileHandle(forWritingTo: files[2])
        try await run(child)
        return Answer(
            status: child.terminationStatus, output: Array(try Data(contentsOf: files[1])),
            errors: String(decoding: try Data(contentsOf: files[2]), as: UTF8.self))
    }

    private func run(_ child: Process) async throws {
        let slot = await Crowd.children.enter()
        defer { withExtendedLifetime(slot) {} }
        try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
            child.terminationHandler = { _ in done.resume() }
            do { try child.begin() } catch {
                child.terminationHandler = nil
                done.resume(throwing: error)
            }
        }
    }
}

/// A random number generator with a fixed seed: the same numbers in every run (SplitMix64).
package struct FixedSeed: RandomNumberGenerator {
    private var state: UInt64
    package init(_ seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

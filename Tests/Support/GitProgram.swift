import Foundation

/// A temporary directory, removed when its last user is gone.
package final class GitFolder: Sendable {
    package let path: String

    package init() throws {
        path = NSTemporaryDirectory() + "/spacesync-git-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    package func write(_ text: String, to name: String) throws {
        let file = URL(fileURLWithPath: path + "/" + name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    package func holds(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path + "/" + name) }

    /// Runs `git` here with an environment of its own, and gives what it printed, without the last line end.
    /// - Throws: `GitProgramFailure` when it ends with another status than 0.
    @discardableResult package func git(_ arguments: String..., input: String? = nil) async throws -> String {
        try await runGit(arguments, in: path, input: input)
    }

    /// A repository with one commit that holds these files.
    package static func repository(_ files: [String: String] = ["README.md": "# Sample\n"]) async throws
        -> GitFolder
    {
        let folder = try GitFolder()
        try await folder.git("init", "-q", "-b", "main")
        try await folder.commit(files, "first")
        return folder
    }

    package func commit(_ files: [String: String], _ message: String) async throws {
        for (name, text) in files { try write(text, to: name) }
        try await git("add", "-A")
        try await git("commit", "-q", "-m", message)
    }
}

package struct GitProgramFailure: Error {
    package var status: Int32
    package var words: String
}

/// The environment that a child `git` gets: nothing of the caller's but where programs are.
package func gitEnvironment(home: String) -> [String: String] {
    [
        "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": home,
        "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_TERMINAL_PROMPT": "0",
        "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org",
        "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.org",
        "GIT_ALLOW_PROTOCOL": "file:http", "LC_ALL": "C",
    ]
}

/// Runs `git` in a directory.
func runGit(_ arguments: [String], in directory: String, input: String?) async throws -> String {
    let home = try GitFolder()
    let ended = try await GitRun.of(
        arguments, in: directory, environment: gitEnvironment(home: home.path),
        input: Data((input ?? "").utf8))
    guard ended.status == 0 else {
        throw GitProgramFailure(
            status: ended.status, words: "git \(arguments.joined(separator: " ")): \(ended.words)")
    }
    let output = String(decoding: ended.output, as: UTF8.self)
    return output.hasSuffix("\n") ? String(output.dropLast()) : output
}

/// A `git` that ended; what it read and printed went through files, so that no full pipe could stop it.
struct GitRun: Sendable {
    var status: Int32
    var output: Data
    var words: String

    static func of(
        _ arguments: [String], in directory: String, environment: [String: String], input: Data
    ) async throws -> GitRun {
        let place = await Crowd.children.enter()
        defer { withExtendedLifetime(place) {} }
        let scratch = try GitFolder()
        let files = ["in", "out", "err"].map { URL(fileURLWithPath: scratch.path + "/" + $0) }
        try input.write(to: files[0])
        for file in files[1...] { try Data().write(to: file) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["git"] + arguments
        process.environment = environment
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        process.standardInput = try FileHandle(forReadingFrom: files[0])
        process.standardOutput = try FileHandle(forWritingTo: files[1])
        process.standardError = try FileHandle(forWritingTo: files[2])
        let status: Int32 = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.begin() } catch { continuation.resume(throwing: error) }
        }
        let words = try String(decoding: Data(contentsOf: files[2]), as: UTF8.self)
        return GitRun(status: status, output: try Data(contentsOf: files[1]), words: words)
    }
}

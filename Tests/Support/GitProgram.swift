import Foundation

/// A temporary directory for Git repositories, removed when its last reference is gone.
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

    /// Runs `git` in the directory with `gitEnvironment`, and returns its output without the final
    /// newline.
    /// - Throws: `GitProgramFailure` if the exit status is not 0.
    @discardableResult package func git(_ arguments: String..., input: String? = nil) async throws -> String {
        try await runGit(arguments, in: path, input: input)
    }

    /// Creates a repository with one commit that contains the files.
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

/// Returns the environment of a `git` child process. Of the caller's environment, it has `PATH` only.
package func gitEnvironment(home: String) -> [String: String] {
    [
        "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": home,
        "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_TERMINAL_PROMPT": "0",
        "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org",
        "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.org",
        "GIT_ALLOW_PROTOCOL": "file:http", "LC_ALL": "C",
    ]
}

/// Runs `git` in a directory, and returns its output without the final newline.
/// - Throws: `GitProgramFailure` if the exit status is not 0.
func runGit(_ arguments: [String], in directory: String, input: String?) async throws -> String {
    let home = try GitFolder()
    let run = try await GitRun.of(
        arguments, in: directory, environment: gitEnvironment(home: home.path),
        input: Data((input ?? "").utf8))
    guard run.status == 0 else {
        throw GitProgramFailure(
            status: run.status, words: "git \(arguments.joined(separator: " ")): \(run.words)")
    }
    let output = String(decoding: run.output, as: UTF8.self)
    return output.hasSuffix("\n") ? String(output.dropLast()) : output
}

/// The result of a `git` process. Its standard streams are files, so that a full pipe can't block it.
struct GitRun: Sendable {
    var status: Int32
    var output: Data
    var words: String

    static func of(
        _ arguments: [String], in directory: String, environment: [String: String], input: Data
    ) async throws -> GitRun {
        let slot = await Crowd.children.enter()
        defer { withExtendedLifetime(slot) {} }
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

import Essentials
import HTTPServer

/// One bare repository, seen through the `git` program.
struct HubRepository: Sendable {
    let path: String
    let git: GitProgram

    /// Runs `git`; anything but exit 0 throws.
    func git(_ arguments: [String], input: [UInt8] = [], objects: Quarantine? = nil) async throws -> [UInt8] {
        let finished = try await git.run(
            ["--git-dir", path] + arguments, input: input, extra: objects?.environment ?? [:])
        guard finished.status == 0 else {
            throw GitCommandError(arguments: arguments, message: finished.errors)
        }
        return finished.output
    }

    /// The id a revision stands for, when it is a commit here.
    func commit(_ revision: String) async throws -> String? {
        guard !revision.hasPrefix("-"), !revision.isEmpty else { return nil }
        let said = try? await git([
            "rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}",
        ])
        return said.map {
            String(decoding: $0, as: UTF8.self).trimmingWhitespace()
        }
    }

    /// A file's bytes at a revision; nil when there is none.
    func file(_ path: String, at commit: String) async throws -> [UInt8]? {
        try? await git(["cat-file", "blob", "\(commit):\(path)"])
    }

    /// Everything below a path, trees included when asked for.
    func entries(at commit: String, below path: String = "", recursive: Bool = true) async throws -> [Entry] {
        let place = path.isEmpty ? commit : "\(commit):\(path)"
        let listing = try await git(["ls-tree", "-z", "-l"] + (recursive ? ["-r", "-t"] : []) + [place])
        return listing.split(separator: 0).compactMap { Entry($0, below: path) }
    }

    struct Entry: Sendable {
        var mode: String
        var type: String
        var id: String
        /// Bytes; 0 for trees.
        var size: Int
        var path: String

        /// `100644 blob <id>  <size>\t<path>`.
        init?(_ line: ArraySlice<UInt8>, below directory: String) {
            guard let tab = line.firstIndex(of: 9) else { return nil }
            let words = String(decoding: line[..<tab], as: UTF8.self).split(separator: " ")
            guard words.count == 4 else { return nil }
            (mode, type, id) = (String(words[0]), String(words[1]), String(words[2]))
            size = Int(words[3]) ?? 0
            let name = String(decoding: line[(tab + 1)...], as: UTF8.self)
            path = directory.isEmpty ? name : "\(directory)/\(name)"
        }
    }
}

/// The `git` program, run with an environment made from nothing.
struct GitProgram: Sendable {
    let path: String
    /// Where `git-http-backend` lives.
    let backend: String
    let environment: [String: String]

    init(root: URL, searchPath: String?) async throws {
        guard let path = SubprocessConfiguration.find("git", on: searchPath) else {
            throw HubStartError("The local Hub needs the git program, and there is none on PATH.")
        }
        environment = [
            "PATH": searchPath ?? "/usr/local/bin:/usr/bin:/bin", "HOME": root.path, "LC_ALL": "C",
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_TERMINAL_PROMPT": "0",
            // The root is ours to serve, also when a mounted volume says that it is somebody else's.
            "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*",
        ]
        self.path = path
        let said = try await SubprocessConfiguration(path, ["--exec-path"], environment: environment).run()
        let folder = String(decoding: said.output, as: UTF8.self).trimmingWhitespace()
        backend = folder + "/git-http-backend"
    }

    func run(
        _ arguments: [String], input: [UInt8] = [], extra: [String: String] = [:]
    ) async throws -> SubprocessConfiguration.Finished {
        try await SubprocessConfiguration(path, arguments, environment: environment.merging(extra) { $1 })
            .run(input: input)
    }
}

/// A call of `git` that failed, with its words.
struct GitCommandError: Error, CustomStringConvertible {
    var arguments: [String]
    var message: String
    var description: String { "git \(arguments.first ?? ""): \(message)" }
}

/// Why the local Hub cannot start.
package struct HubStartError: Error, CustomStringConvertible {
    package var description: String
    init(_ description: String) { self.description = description }
}

/// Objects that a push has brought and that are not accepted yet.
struct Quarantine: Sendable {
    var objects: String
    var alternates: String
    var environment: [String: String] {
        ["GIT_OBJECT_DIRECTORY": objects, "GIT_ALTERNATE_OBJECT_DIRECTORIES": alternates]
    }
}

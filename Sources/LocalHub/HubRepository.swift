import Essentials
import HTTPServer

/// A bare repository, accessed through the `git` program.
struct HubRepository: Sendable {
    let path: String
    let git: GitProgram

    /// Runs `git` and returns its output. Throws `GitCommandError` if the exit code is not 0.
    func git(_ arguments: [String], input: [UInt8] = [], objects: Quarantine? = nil) async throws -> [UInt8] {
        let finished = try await git.run(
            ["--git-dir", path] + arguments, input: input, extra: objects?.environment ?? [:])
        guard finished.status == 0 else {
            throw GitCommandError(arguments: arguments, message: finished.errors)
        }
        return finished.output
    }

    /// Returns the commit id of a revision; `nil` if it does not resolve to a commit.
    func commit(_ revision: String) async throws -> String? {
        guard !revision.hasPrefix("-"), !revision.isEmpty else { return nil }
        let output = try? await git([
            "rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}",
        ])
        return output.map {
            String(decoding: $0, as: UTF8.self).trimmingWhitespace()
        }
    }

    /// Returns the contents of a file at a commit; `nil` if the file does not exist.
    func file(_ path: String, at commit: String) async throws -> [UInt8]? {
        try? await git(["cat-file", "blob", "\(commit):\(path)"])
    }

    /// Returns the tree entries below a path. If `recursive`, they include those of all subtrees,
    /// and the subtrees themselves.
    func entries(at commit: String, below path: String = "", recursive: Bool = true) async throws -> [Entry] {
        let treeish = path.isEmpty ? commit : "\(commit):\(path)"
        let listing = try await git(["ls-tree", "-z", "-l"] + (recursive ? ["-r", "-t"] : []) + [treeish])
        return listing.split(separator: 0).compactMap { Entry($0, below: path) }
    }

    /// An entry of a tree, as listed by `git ls-tree -l`.
    struct Entry: Sendable {
        var mode: String
        var type: String
        var id: String
        /// The size in bytes; 0 for trees.
        var size: Int
        var path: String

        /// Parses `100644 blob <id>  <size>\t<path>`. `nil` if the line has another format.
        init?(_ line: ArraySlice<UInt8>, below directory: String) {
            guard let tab = line.firstIndex(of: 9) else { return nil }
            let fields = String(decoding: line[..<tab], as: UTF8.self).split(separator: " ")
            guard fields.count == 4 else { return nil }
            (mode, type, id) = (String(fields[0]), String(fields[1]), String(fields[2]))
            size = Int(fields[3]) ?? 0
            let name = String(decoding: line[(tab + 1)...], as: UTF8.self)
            path = directory.isEmpty ? name : "\(directory)/\(name)"
        }
    }
}

/// The `git` program, run with an isolated environment that is independent of the user's
/// configuration.
struct GitProgram: Sendable {
    let path: String
    /// The path of `git-http-backend`.
    let backend: String
    let environment: [String: String]

    init(root: URL, searchPath: String?) async throws {
        guard let path = SubprocessConfiguration.find("git", on: searchPath) else {
            throw HubStartError("the local Hub requires git, which is not on PATH")
        }
        environment = [
            "PATH": searchPath ?? "/usr/local/bin:/usr/bin:/bin", "HOME": root.path, "LC_ALL": "C",
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_TERMINAL_PROMPT": "0",
            // The root may be a mounted volume with another owner, which git rejects by default.
            "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*",
        ]
        self.path = path
        let result = try await SubprocessConfiguration(path, ["--exec-path"], environment: environment).run()
        let execPath = String(decoding: result.output, as: UTF8.self).trimmingWhitespace()
        backend = execPath + "/git-http-backend"
    }

    func run(
        _ arguments: [String], input: [UInt8] = [], extra: [String: String] = [:]
    ) async throws -> SubprocessConfiguration.Finished {
        try await SubprocessConfiguration(path, arguments, environment: environment.merging(extra) { $1 })
            .run(input: input)
    }
}

/// A failed `git` command with its error output.
struct GitCommandError: Error, CustomStringConvertible {
    var arguments: [String]
    var message: String
    var description: String { "git \(arguments.first ?? ""): \(message)" }
}

/// An error that prevents the local Hub from starting.
package struct HubStartError: Error, CustomStringConvertible {
    package var description: String
    init(_ description: String) { self.description = description }
}

/// The quarantine directory of a push: the objects that are not accepted yet (git-receive-pack(1)).
struct Quarantine: Sendable {
    var objects: String
    var alternates: String
    var environment: [String: String] {
        ["GIT_OBJECT_DIRECTORY": objects, "GIT_ALTERNATE_OBJECT_DIRECTORIES": alternates]
    }
}

/// One file change of a commit that the Hub creates.
enum FileChange: Sendable {
    case write(path: String, bytes: [UInt8])
    case rename(from: String, to: String)
    /// Removes a file, or a folder with its contents.
    case remove(path: String)
}

extension HubRepository {
    /// Creates the bare repository.
    func initialize() async throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        _ = try await git(["init", "-q", "--bare", "--initial-branch=main", path])
    }

    /// Adds one commit to a branch with `git fast-import` and returns its id. If `parent` is `nil`,
    /// it is a root commit.
    func commit(
        _ changes: [FileChange], to ref: String, parent: String?, author: String, message: String,
        objects: Quarantine? = nil
    ) async throws -> String {
        let identity =
            "\(author) <\(author)@users.noreply.localhost> \(Int(Date().timeIntervalSince1970)) +0000"
        var stream = Array("commit \(ref)\nmark :1\nauthor \(identity)\ncommitter \(identity)\n".utf8)
        stream += Self.data(Array(message.utf8))
        if let parent { stream += Array("from \(parent)\n".utf8) }
        for change in changes { stream += Self.command(change) }
        stream += Array("\nget-mark :1\ndone\n".utf8)
        let output = try await git(["fast-import", "--quiet", "--done"], input: stream, objects: objects)
        return String(decoding: output, as: UTF8.self).trimmingWhitespace()
    }

    private static func command(_ change: FileChange) -> [UInt8] {
        switch change {
        case .write(let path, let bytes): Array("M 100644 inline \(quoted(path))\n".utf8) + data(bytes)
        case .rename(let from, let to): Array("R \(quoted(from)) \(quoted(to))\n".utf8)
        case .remove(let path): Array("D \(quoted(path))\n".utf8)
        }
    }

    /// Returns a `data` command of git-fast-import(1).
    private static func data(_ bytes: [UInt8]) -> [UInt8] {
        Array("data \(bytes.count)\n".utf8) + bytes + [10]
    }

    /// Returns a path quoted as in git-fast-import(1).
    private static func quoted(_ path: String) -> String {
        let escaped = path.replacingEach("\\", with: "\\\\")
            .replacingEach("\"", with: "\\\"").replacingEach("\n", with: "\\n")
        return "\"\(escaped)\""
    }
}

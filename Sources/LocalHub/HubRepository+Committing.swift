import Essentials

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

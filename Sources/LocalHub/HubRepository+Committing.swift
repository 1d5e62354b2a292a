import Essentials

/// One change of a commit that is made on the Hub's side.
enum FileChange: Sendable {
    case write(path: String, bytes: [UInt8])
    case rename(from: String, to: String)
    /// A file, or a folder with all in it.
    case remove(path: String)
}

extension HubRepository {
    /// Makes the bare repository.
    func initialize() async throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        _ = try await git(["init", "-q", "--bare", "--initial-branch=main", path])
    }

    /// Adds one commit to a branch by `git fast-import`, and gives its id. `parent` nil starts a history.
    func commit(
        _ changes: [FileChange], to ref: String, parent: String?, author: String, message: String,
        objects: Quarantine? = nil
    ) async throws -> String {
        let person =
            "\(author) <\(author)@users.noreply.localhost> \(Int(Date().timeIntervalSince1970)) +0000"
        var stream = Array("commit \(ref)\nmark :1\nauthor \(person)\ncommitter \(person)\n".utf8)
        stream += Self.data(Array(message.utf8))
        if let parent { stream += Array("from \(parent)\n".utf8) }
        for change in changes { stream += Self.command(change) }
        stream += Array("\nget-mark :1\ndone\n".utf8)
        let said = try await git(["fast-import", "--quiet", "--done"], input: stream, objects: objects)
        return String(decoding: said, as: UTF8.self).trimmingWhitespace()
    }

    private static func command(_ change: FileChange) -> [UInt8] {
        switch change {
        case .write(let path, let bytes): Array("M 100644 inline \(quoted(path))\n".utf8) + data(bytes)
        case .rename(let from, let to): Array("R \(quoted(from)) \(quoted(to))\n".utf8)
        case .remove(let path): Array("D \(quoted(path))\n".utf8)
        }
    }

    private static func data(_ bytes: [UInt8]) -> [UInt8] {
        Array("data \(bytes.count)\n".utf8) + bytes + [10]
    }

    /// As fast-import reads a path.
    private static func quoted(_ path: String) -> String {
        let escaped = path.replacingEach("\\", with: "\\\\")
            .replacingEach("\"", with: "\\\"").replacingEach("\n", with: "\\n")
        return "\"\(escaped)\""
    }
}

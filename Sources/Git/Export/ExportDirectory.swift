import Essentials
import SpacesModel

/// Where a tree is written for people to build or look at: a directory that is new or empty, or may be replaced. It is
/// made beside its place and renamed when it is whole, so that a half-written one never looks like a whole one.
package struct ExportDirectory: Hashable, Sendable {
    /// Absolute.
    let path: String
    /// As its user wrote it, for messages.
    package let name: String
    private let replaces: Bool

    /// - Parameters:
    ///   - replaces: a directory that holds something is taken away first.
    ///   - home: directories that must not be taken away, nor what they lie in.
    /// - Throws: kind `usage` for a place that cannot be written or must not be replaced.
    package init(_ path: String, named name: String, replaces: Bool, sparing protectedDirectories: [String])
        throws(DeployError)
    {
        (self.path, self.name, self.replaces) = (path, name, replaces)
        guard let status = FileStatus(path) else { return }
        guard status.isDirectory else {
            let what = status.isLink ? "a symbolic link" : "a file"
            throw DeployError(.usage, "\(name) is \(what), not a directory", hint: "name a new directory")
        }
        let held = Self.names(in: path)
        guard !held.isEmpty else { return }
        guard replaces else {
            throw DeployError(
                .usage, "\(name) is not empty: it holds \(held[0])",
                hint: "name a new directory, or give --force to replace all that is in it")
        }
        guard !held.contains(".git"), !Self.isOrContains(protectedDirectories, path) else {
            throw DeployError(
                .usage, "\(name) is not replaced: it is a repository, or people live in it",
                hint: "name a new directory")
        }
    }

    private static func names(in path: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }

    /// Whether the place is one of these directories or holds one of them.
    private static func isOrContains(_ protectedDirectories: [String], _ path: String) -> Bool {
        let real = realPath(path) ?? path
        return protectedDirectories.contains { directory in
            let spared = realPath(directory) ?? directory
            return spared == real || spared.hasPrefix(real.hasSuffix("/") ? real : real + "/")
        }
    }

    /// Fills a directory beside the place and renames it.
    func fill<Value>(
        isolation: isolated (any Actor)? = #isolation, _ write: (String) async throws(DeployError) -> Value
    ) async throws(DeployError) -> Value {
        let parent = path.deletingLastPathComponent
        do {
            try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        } catch { throw writeError("making \(parent)") }
        let fresh = path + ".new-\(UInt32.random(in: 0...UInt32.max))"
        // By mkdir, so that the mode is what the user's umask makes of it.
        guard mkdir(fresh, 0o777) == 0 else { throw writeError("making a directory in \(parent)") }
        defer { try? FileManager.default.removeItem(atPath: fresh) }
        let value = try await write(fresh)
        try install(fresh)
        return value
    }

    private func install(_ temporaryPath: String) throws(DeployError) {
        if let status = FileStatus(path) { _ = chmod(temporaryPath, status.mode) }
        if rename(temporaryPath, path) == 0 { return }
        guard replaces, errno == ENOTEMPTY || errno == EEXIST else {
            throw writeError("renaming \(temporaryPath)")
        }
        let old = path + ".old-\(UInt32.random(in: 0...UInt32.max))"
        guard rename(path, old) == 0 else { throw writeError("moving what it holds away") }
        guard rename(temporaryPath, path) == 0 else {
            let failure = writeError("renaming \(temporaryPath)")
            _ = rename(old, path)
            throw failure
        }
        try? FileManager.default.removeItem(atPath: old)
    }

    private func writeError(_ action: String) -> DeployError {
        let parent = path.deletingLastPathComponent
        if var failure = DiskError(errno, in: parent)?.failure(.output) {
            failure.message = "\(name) cannot be written: \(action): \(failure.message)"
            return failure
        }
        return DeployError(
            .usage, "\(name) cannot be written: \(action): \(String(cString: strerror(errno)))",
            hint: "name a new directory, in one that you may write to")
    }
}

/// What stands at a path itself, whatever a link there leads to.
struct FileStatus {
    let isDirectory: Bool
    let isLink: Bool
    /// The permissions alone.
    let mode: mode_t

    init?(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        isDirectory = status.st_mode & S_IFMT == S_IFDIR
        isLink = status.st_mode & S_IFMT == S_IFLNK
        mode = status.st_mode & 0o7777
    }
}

/// Where a path leads in truth; nil when nothing is there.
func realPath(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
}

import Essentials
import SpacesModel

/// The output directory of an export: new, empty, or replaceable. It is created under a temporary
/// name next to its path and renamed when complete, so that a partial export never looks complete.
package struct ExportDirectory: Hashable, Sendable {
    /// Absolute.
    let path: String
    /// The path that the user wrote, for messages.
    package let name: String
    private let replaces: Bool

    /// - Parameters:
    ///   - replaces: whether a directory that is not empty is replaced.
    ///   - protectedDirectories: directories that must not be removed, nor any directory that
    ///     contains one of them.
    /// - Throws: kind `usage` for a path that cannot be written or must not be replaced.
    package init(_ path: String, named name: String, replaces: Bool, sparing protectedDirectories: [String])
        throws(DeployError)
    {
        (self.path, self.name, self.replaces) = (path, name, replaces)
        guard let status = FileStatus(path) else { return }
        guard status.isDirectory else {
            let kind = status.isLink ? "a symbolic link" : "a file"
            throw DeployError(.usage, "\(name) is \(kind), not a directory", hint: "use a new directory")
        }
        let existing = Self.names(in: path)
        guard !existing.isEmpty else { return }
        guard replaces else {
            throw DeployError(
                .usage, "\(name) is not empty: it contains \(existing[0])",
                hint: "use a new directory, or pass --force to replace its content")
        }
        guard !existing.contains(".git"), !Self.isOrContains(protectedDirectories, path) else {
            throw DeployError(
                .usage,
                "\(name) cannot be replaced: it is a repository, or contains the current or home directory",
                hint: "use a new directory")
        }
    }

    private static func names(in path: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }

    /// Whether the path is one of these directories or contains one of them.
    private static func isOrContains(_ protectedDirectories: [String], _ path: String) -> Bool {
        let real = realPath(path) ?? path
        return protectedDirectories.contains { directory in
            let protectedPath = realPath(directory) ?? directory
            return protectedPath == real || protectedPath.hasPrefix(real.hasSuffix("/") ? real : real + "/")
        }
    }

    /// Fills a temporary directory next to the path and renames it.
    func fill<Value>(
        isolation: isolated (any Actor)? = #isolation, _ write: (String) async throws(DeployError) -> Value
    ) async throws(DeployError) -> Value {
        let parent = path.deletingLastPathComponent
        do {
            try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        } catch { throw writeError("cannot create \(parent)") }
        let temporaryPath = path + ".new-\(UInt32.random(in: 0...UInt32.max))"
        // mkdir(2) applies the user's umask to the mode.
        guard mkdir(temporaryPath, 0o777) == 0 else {
            throw writeError("cannot create a directory in \(parent)")
        }
        defer { try? FileManager.default.removeItem(atPath: temporaryPath) }
        let value = try await write(temporaryPath)
        try install(temporaryPath)
        return value
    }

    private func install(_ temporaryPath: String) throws(DeployError) {
        if let status = FileStatus(path) { _ = chmod(temporaryPath, status.mode) }
        if rename(temporaryPath, path) == 0 { return }
        guard replaces, errno == ENOTEMPTY || errno == EEXIST else {
            throw writeError("cannot rename \(temporaryPath)")
        }
        let old = path + ".old-\(UInt32.random(in: 0...UInt32.max))"
        guard rename(path, old) == 0 else { throw writeError("cannot move its old content away") }
        guard rename(temporaryPath, path) == 0 else {
            let failure = writeError("cannot rename \(temporaryPath)")
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
            hint: "use a new directory where you have write permission")
    }
}

/// The status of a path itself; symbolic links are not followed.
struct FileStatus {
    let isDirectory: Bool
    let isLink: Bool
    /// The permission bits only.
    let mode: mode_t

    init?(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        isDirectory = status.st_mode & S_IFMT == S_IFDIR
        isLink = status.st_mode & S_IFMT == S_IFLNK
        mode = status.st_mode & 0o7777
    }
}

/// Returns the absolute path without symbolic links, realpath(3); `nil` if it does not exist.
func realPath(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
}

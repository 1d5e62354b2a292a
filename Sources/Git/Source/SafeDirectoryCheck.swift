internal import CGit2
import Essentials
import SpacesModel

/// The configuration files that Git's `safe.directory` is read from.
package enum SafeDirectories: Hashable, Sendable {
    /// The system's and the user's own Git configuration, never a repository's.
    case userConfiguration
    /// These files, in this order.
    case files([String])
}

/// Git's ownership check of repositories (`safe.directory`), since a repository's configuration can
/// run commands. libgit2 1.5 has the check too but does not support `safe.directory = *`, which
/// containers and root's cron jobs need.
enum SafeDirectoryCheck {
    /// - Throws: kind `source`, with the command that allows it, if one of the directories belongs
    ///   to another user.
    static func check(_ directories: [String], trusting folders: SafeDirectories, path: String)
        throws(DeployError)
    {
        guard let foreignDirectory = directories.first(where: { !isOwnedByUser($0) }) else { return }
        // Git checks the work tree, or the repository itself if it is bare.
        let name = trimmed(directories.first ?? foreignDirectory)
        guard !isTrusted(name, by: trustedNames(folders)) else { return }
        throw DeployError(
            .source, "the repository at \(path) belongs to another user, so Git does not trust it",
            details: ["\(trimmed(foreignDirectory)) is owned by \(owner(of: foreignDirectory))"],
            hint: "if you trust it: git config --global --add safe.directory \(name.shellQuoted)")
    }

    /// Returns whether the current user owns a directory. Under `sudo`, the invoking user counts
    /// too, as in Git.
    private static func isOwnedByUser(_ directory: String) -> Bool {
        var status = stat()
        guard lstat(trimmed(directory), &status) == 0 else { return false }
        if status.st_uid == geteuid() { return true }
        let invoker = ProcessInfo.processInfo.environment["SUDO_UID"].flatMap { UInt32($0) }
        return geteuid() == 0 && invoker == status.st_uid
    }

    private static func owner(of directory: String) -> String {
        let attributes = try? FileManager.default.attributesOfItem(atPath: trimmed(directory))
        return attributes?[.ownerAccountName] as? String ?? "somebody else"
    }

    /// Matches `*`, the exact path, or `PATH/*` for everything below it.
    private static func isTrusted(_ directory: String, by names: [String]) -> Bool {
        names.contains { name in
            if name == "*" { return true }
            if name.hasSuffix("/*") { return directory.hasPrefix(real(String(name.dropLast(2))) + "/") }
            return real(name) == real(directory)
        }
    }

    /// Returns the values in order; an empty value clears the ones before it.
    private static func trustedNames(_ folders: SafeDirectories) -> [String] {
        let entries =
            switch folders {
            case .userConfiguration: (try? Configuration.readUser(withoutSystem: false)) ?? []
            case .files(let paths): paths.flatMap { (try? readConfiguration(at: $0)) ?? [] }
            }
        let values = entries.filter { $0.section == "safe" && $0.key == "directory" }.map { $0.value ?? "" }
        let start = values.lastIndex(of: "").map { $0 + 1 } ?? 0
        return values[start...].map { $0.expandingTilde }
    }

    private static func trimmed(_ path: String) -> String {
        path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    private static func real(_ path: String) -> String {
        URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    }
}

internal import CGit2
import Essentials
import SpacesModel

/// Where Git's `safe.directory` is read from.
package enum SafeDirectories: Hashable, Sendable {
    /// The system's and the user's own Git configuration, never a repository's.
    case userConfiguration
    /// These files, in this order.
    case files([String])
}

/// Git's check that a repository belongs to who reads it: a stranger's configuration is a stranger's command.
/// libgit2 1.5 checks too, but does not honour `safe.directory = *`, which every container and root's cron needs.
enum SafeDirectoryCheck {
    /// - Throws: kind `source`, with the line to type, when one of the directories belongs to somebody else.
    static func check(_ directories: [String], trusting folders: SafeDirectories, path: String)
        throws(DeployError)
    {
        guard let stranger = directories.first(where: { !isOwnedByUser($0) }) else { return }
        // Git names the work tree, or the repository itself when it is bare.
        let name = trimmed(directories.first ?? stranger)
        guard !isTrusted(name, by: trustedNames(folders)) else { return }
        throw DeployError(
            .source, "the repository at \(path) belongs to another user, so Git does not trust it",
            details: ["\(trimmed(stranger)) is owned by \(owner(of: stranger))"],
            hint: "if you trust it: git config --global --add safe.directory \(name.shellQuoted)")
    }

    /// Ours is what our user owns; under `sudo` also what the user behind it owns (as Git has it).
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

    /// `*`, the exact path, or `PATH/*` for all below it.
    private static func isTrusted(_ directory: String, by names: [String]) -> Bool {
        names.contains { name in
            if name == "*" { return true }
            if name.hasSuffix("/*") { return directory.hasPrefix(real(String(name.dropLast(2))) + "/") }
            return real(name) == real(directory)
        }
    }

    /// The values in order; an empty one clears those before it.
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

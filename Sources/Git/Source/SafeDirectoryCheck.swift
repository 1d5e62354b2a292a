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
        return attributes?[.ownerAccountName] as? String ?? "another user"
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
            case .userConfiguration: readUserConfiguration(withoutSystem: false)
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

/// A bare repository that was found by its content, and not through a `.git`. Such a directory can
/// arrive as plain files of a clone, with a configuration that its author chose
/// (`safe.bareRepository` in git-config(1)).
package struct BareRepository: Hashable, Sendable {
    package let path: String
    /// The work tree of another repository that contains it; `nil` if there is none.
    package let enclosingWorkTree: String?

    /// - Parameters:
    ///   - gitDirectory: the Git directory of the opened repository.
    ///   - start: the path where the search for the repository started.
    /// - Returns: `nil` if a `.git` led to the repository.
    init?(_ gitDirectory: String, from start: String) {
        let (directory, start) = (Self.real(gitDirectory), Self.real(start))
        // The `.git` file of a work tree points to a Git directory elsewhere.
        let isInside = start == directory || start.hasPrefix(directory + "/")
        guard isInside, !Self.isOfWorkTree(directory.split(separator: "/")) else { return nil }
        path = directory
        enclosingWorkTree = Self.workTree(around: directory)
    }

    /// Returns whether a path is the Git directory of a work tree, by Git's rule
    /// (`is_implicit_bare_repo` in setup.c).
    private static func isOfWorkTree(_ names: [Substring]) -> Bool {
        guard let index = names.lastIndex(of: ".git") else { return false }
        return index == names.count - 1 || ["modules", "worktrees"].contains(names[index + 1])
    }

    /// Returns the enclosing work tree. Skips enclosing bare repositories, which may be part of a
    /// work tree themselves.
    private static func workTree(around path: String) -> String? {
        var current = path
        while current != "/", !current.isEmpty {
            current = current.deletingLastPathComponent
            let (directory, workTree): (String, String?)
            do throws(DeployError) { (directory, workTree) = try outer(current) } catch {
                // A directory that cannot be read may be a repository.
                return error.cause == .noRepository ? nil : current
            }
            let isEnclosing = current == directory || current.hasPrefix(directory + "/")
            if let workTree, directory.hasSuffix("/.git") || !isEnclosing { return real(workTree) }
            guard isEnclosing else { return nil }
            current = directory
        }
        return nil
    }

    private static func outer(_ path: String) throws(DeployError) -> (directory: String, workTree: String?) {
        let repository = try Repository.opened(path)
        return (real(Repository.gitDirectory(of: repository)), Repository.workTree(of: repository))
    }

    private static func real(_ path: String) -> String {
        let real = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        return real.count > 1 && real.hasSuffix("/") ? String(real.dropLast()) : real
    }

    /// Returns whether Git is configured to use a bare repository only if its path is given
    /// (`safe.bareRepository = explicit`). Reads only configuration that no repository can contain:
    /// the system's, the user's and the environment's.
    package static func requiresExplicitPath(in environment: [String: String]) -> Bool {
        let entries = files(in: environment).flatMap { (try? readConfiguration(at: $0)) ?? [] }
        let values = entries.filter { $0.section == "safe" && $0.key.lowercased() == "barerepository" }
        return (values.map { $0.value ?? "" } + variables(in: environment)).last == "explicit"
    }

    private static func files(in environment: [String: String]) -> [String] {
        let isWithoutSystem = ["1", "true", "yes", "on"].contains(environment["GIT_CONFIG_NOSYSTEM"] ?? "")
        let system = isWithoutSystem ? [] : [environment["GIT_CONFIG_SYSTEM"] ?? "/etc/gitconfig"]
        if let global = environment["GIT_CONFIG_GLOBAL"] { return system + [global] }
        let home = environment["HOME"]
        let folder = environment["XDG_CONFIG_HOME"] ?? home.map { $0 + "/.config" }
        return system
            + [folder.map { $0 + "/git/config" }, home.map { $0 + "/.gitconfig" }].compactMap { $0 }
    }

    /// Returns the values from `GIT_CONFIG_COUNT` and its pairs, then from `GIT_CONFIG_PARAMETERS`,
    /// which `git -c` sets.
    private static func variables(in environment: [String: String]) -> [String] {
        let count = min(max(environment["GIT_CONFIG_COUNT"].flatMap { Int($0) } ?? 0, 0), 10_000)
        let pairs = (0..<count).map { index in
            (environment["GIT_CONFIG_KEY_\(index)"] ?? "", environment["GIT_CONFIG_VALUE_\(index)"] ?? "")
        }
        let parameters = Self.splitQuoted(environment["GIT_CONFIG_PARAMETERS"] ?? "").map { parameter in
            (String(parameter.prefix { $0 != "=" }), String(parameter.drop { $0 != "=" }.dropFirst()))
        }
        return (pairs + parameters).filter { $0.0.lowercased() == "safe.barerepository" }.map(\.1)
    }

    /// Splits text that Git quoted for a shell with single quotes.
    private static func splitQuoted(_ text: String) -> [String] {
        var (tokens, token, isQuoted, isEscaped) = ([String](), "", false, false)
        for character in text {
            switch character {
            case _ where isEscaped: (token, isEscaped) = (token + String(character), false)
            case "\\" where !isQuoted: isEscaped = true
            case "'": isQuoted.toggle()
            case " " where !isQuoted:
                tokens.append(token)
                token = ""
            default: token.append(character)
            }
        }
        return (tokens + [token]).filter { !$0.isEmpty }
    }
}

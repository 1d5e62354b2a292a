import Essentials
import SpacesModel

/// A bare repository that was found by its content, and not through a `.git`: such a directory can arrive as plain files
/// of a clone, with a configuration that its author chose (`safe.bareRepository` in git-config(1)).
package struct BareRepository: Hashable, Sendable {
    package let path: String
    /// The work tree of another repository that contains it; `nil` if there is none.
    package let enclosingWorkTree: String?

    /// - Parameters:
    ///   - gitDirectory: of the repository that was opened.
    ///   - start: where the search for it began.
    /// - Returns: `nil` if a `.git` led to the repository.
    init?(_ gitDirectory: String, from start: String) {
        let (place, start) = (Self.real(gitDirectory), Self.real(start))
        // A `.git` file leads from a work tree to a directory elsewhere.
        let isInside = start == place || start.hasPrefix(place + "/")
        guard isInside, !Self.isOfWorkTree(place.split(separator: "/")) else { return nil }
        path = place
        enclosingWorkTree = Self.workTree(around: place)
    }

    /// As Git decides (`is_implicit_bare_repo` in setup.c).
    private static func isOfWorkTree(_ names: [Substring]) -> Bool {
        guard let index = names.lastIndex(of: ".git") else { return false }
        return index == names.count - 1 || ["modules", "worktrees"].contains(names[index + 1])
    }

    /// Walks up past other bare repositories, which prove nothing.
    private static func workTree(around path: String) -> String? {
        var place = path
        while place != "/", !place.isEmpty {
            place = place.deletingLastPathComponent
            let (directory, workTree): (String, String?)
            do throws(DeployError) { (directory, workTree) = try outer(place) } catch {
                // What cannot be read may be a repository all the same.
                return error.cause == .noRepository ? nil : place
            }
            let isAround = place == directory || place.hasPrefix(directory + "/")
            if let workTree, directory.hasSuffix("/.git") || !isAround { return real(workTree) }
            guard isAround else { return nil }
            place = directory
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

    /// True if Git is configured to use a bare repository only where it is named (`safe.bareRepository = explicit`).
    /// Only configuration counts that no repository can contain: the system's, the user's and the environment's.
    package static func requiresExplicitPath(in environment: [String: String]) -> Bool {
        let entries = files(in: environment).flatMap { (try? readConfiguration(at: $0)) ?? [] }
        let written = entries.filter { $0.section == "safe" && $0.key.lowercased() == "barerepository" }
        return (written.map { $0.value ?? "" } + variables(in: environment)).last == "explicit"
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

    /// `GIT_CONFIG_COUNT` and its pairs, then `GIT_CONFIG_PARAMETERS`, which `git -c` sets.
    private static func variables(in environment: [String: String]) -> [String] {
        let count = min(max(environment["GIT_CONFIG_COUNT"].flatMap { Int($0) } ?? 0, 0), 10_000)
        let pairs = (0..<count).map { index in
            (environment["GIT_CONFIG_KEY_\(index)"] ?? "", environment["GIT_CONFIG_VALUE_\(index)"] ?? "")
        }
        let words = Self.splitQuoted(environment["GIT_CONFIG_PARAMETERS"] ?? "").map { word in
            (String(word.prefix { $0 != "=" }), String(word.drop { $0 != "=" }.dropFirst()))
        }
        return (pairs + words).filter { $0.0.lowercased() == "safe.barerepository" }.map(\.1)
    }

    /// Words in single quotes, as Git writes them for a shell.
    private static func splitQuoted(_ text: String) -> [String] {
        var (words, word, isQuoted, isEscaped) = ([String](), "", false, false)
        for character in text {
            switch character {
            case _ where isEscaped: (word, isEscaped) = (word + String(character), false)
            case "\\" where !isQuoted: isEscaped = true
            case "'": isQuoted.toggle()
            case " " where !isQuoted:
                words.append(word)
                word = ""
            default: word.append(character)
            }
        }
        return (words + [word]).filter { !$0.isEmpty }
    }
}

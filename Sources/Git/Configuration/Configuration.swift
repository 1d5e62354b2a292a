internal import CGit2
import Essentials
import SpacesModel

/// Returns every entry of one file in Git's configuration syntax, in order. Follows includes, as
/// Git does: for the operator's own files only.
/// - Throws: kind `settings`, naming the file and the line.
package func readConfiguration(at path: String) throws(DeployError) -> [ConfigEntry] {
    try Configuration.read(at: path, named: path)
}

/// Returns every entry of the system's and the user's Git configuration; empty if it cannot be
/// read.
/// - Parameter withoutSystem: as with Git's `GIT_CONFIG_NOSYSTEM`.
package func readUserConfiguration(withoutSystem: Bool) -> [ConfigEntry] {
    (try? Configuration.readUser(withoutSystem: withoutSystem)) ?? []
}

/// Returns every entry of a text in Git's configuration syntax. libgit2 reads only files, so the
/// text is written to a private file (0600 in a 0700 directory) for the duration of the call.
/// - Parameter name: the file's name in error messages.
/// - Throws: kind `settings` for a syntax error, with its line, and for an include, which is not
///   allowed in a text from elsewhere.
package func readConfiguration(text: [UInt8], named name: String) throws(DeployError) -> [ConfigEntry] {
    if let line = ConfigIncludes.firstIncludeLine(in: text) {
        throw DeployError(
            .settings, "\(name), line \(line): [include] is not allowed here",
            hint: "write the settings themselves into \(name)")
    }
    let folder = try TemporaryDirectory()
    return try Configuration.read(at: try folder.write(text, as: "config"), named: name)
}

enum Configuration {
    static func read(at path: String, named name: String) throws(DeployError) -> [ConfigEntry] {
        do throws(GitError) {
            try Library.ensureInitialized()
            var info = stat()
            guard stat(path, &info) == 0 else {
                throw GitError(call: "stat", code: -3, message: "there is no such file")
            }
            guard info.st_mode & S_IFMT == S_IFREG else {
                throw GitError(call: "stat", code: -1, message: "it is no regular file")
            }
            return try entries(
                of: try Handle("git_config_open_ondisk") { git_config_open_ondisk(&$0, path) })
        } catch { throw unreadable(name, at: path, error) }
    }

    /// Returns the entries of the system's and the user's Git configuration.
    static func readUser(withoutSystem: Bool) throws(GitError) -> [ConfigEntry] {
        try Library.ensureInitialized()
        return try entries(
            of: try Handle("git_config_open_default") { git_config_open_default(&$0) },
            skippingSystem: withoutSystem)
    }

    private static func entries(
        of config: borrowing Handle<ConfigKind>, skippingSystem: Bool = false
    ) throws(GitError) -> [ConfigEntry] {
        let raw = config.raw
        let iterator = try Handle<ConfigIteratorKind>("git_config_iterator_new") {
            git_config_iterator_new(&$0, raw)
        }
        var (entries, entry): ([ConfigEntry], UnsafeMutablePointer<git_config_entry>?) = ([], nil)
        while true {
            let status = git_config_next(&entry, iterator.raw)
            if status == GIT_ITEROVER.rawValue { return entries }
            try check("git_config_next", status)
            guard let entry, !skippingSystem || entry.pointee.level != GIT_CONFIG_LEVEL_SYSTEM else {
                continue
            }
            entries.append(ConfigEntry(entry.pointee))
        }
    }

    /// Converts libgit2's message, which ends with the line: `failed to parse config file: … (in
    /// /tmp/x/config:3, column 1)`.
    private static func unreadable(_ name: String, at path: String, _ error: GitError) -> DeployError {
        let location = error.message.firstRange(of: "(in ").map { error.message[$0.upperBound...] }
        let line = location?.split(separator: ":").last.map { $0.prefix { $0.isNumber } }
        let text = error.message.split(separator: "(").first.map { String($0) } ?? error.message
        let cause = text.replacingEach("failed to parse config file: ", with: "")
            .replacingEach(path, with: name).trimmingSpaces()
        let position = line.flatMap { $0.isEmpty ? nil : ", line \($0)" } ?? ""
        return DeployError(.settings, "\(name)\(position) cannot be read: \(cause)")
    }
}

extension ConfigEntry {
    /// Splits libgit2's name `section.subsection.key`. The subsection may contain dots itself.
    fileprivate init(_ entry: git_config_entry) {
        let name = entry.name.map { String(cString: $0) } ?? ""
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        let middle = parts.dropFirst().dropLast()
        self.init(
            section: String(parts.first ?? ""),
            subsection: middle.isEmpty ? nil : middle.joined(separator: "."),
            key: parts.count > 1 ? String(parts.last ?? "") : "",
            value: entry.value.map { String(cString: $0) })
    }
}

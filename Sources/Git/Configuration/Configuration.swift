internal import CGit2
import Essentials
import SpacesModel

/// Returns every entry of one file in Git's configuration syntax, in order. Follows includes, as
/// Git does: for the operator's own files only.
/// - Throws: kind `settings`, naming the file and the line.
package func readConfiguration(at path: String) throws(DeployError) -> [ConfigEntry] {
    var info = stat()
    do throws(GitError) {
        guard stat(path, &info) == 0 else {
            throw GitError(call: "stat", code: -3, message: "no such file")
        }
        guard info.st_mode & S_IFMT == S_IFREG else {
            throw GitError(call: "stat", code: -1, message: "not a regular file")
        }
        return try Configuration.entries { git_config_open_ondisk(&$0, path) }
    } catch { throw Configuration.unreadable(path, at: path, error) }
}

/// Returns every entry of the system's and the user's Git configuration; empty if it cannot be
/// read.
/// - Parameter withoutSystem: as with Git's `GIT_CONFIG_NOSYSTEM`.
package func readUserConfiguration(withoutSystem: Bool) -> [ConfigEntry] {
    (try? Configuration.entries(skippingSystem: withoutSystem) { git_config_open_default(&$0) }) ?? []
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
            hint: "set the keys directly in \(name)")
    }
    let folder = try TemporaryDirectory()
    let path = try folder.write(text, as: "config")
    do throws(GitError) {
        return try Configuration.entries { git_config_open_ondisk(&$0, path) }
    } catch { throw Configuration.unreadable(name, at: path, error) }
}

private enum Configuration {
    /// Opens a configuration and returns its entries, in order.
    static func entries(
        skippingSystem: Bool = false, _ open: (inout OpaquePointer?) -> Int32
    ) throws(GitError) -> [ConfigEntry] {
        try Library.ensureInitialized()
        let config = try Handle<ConfigKind>("git_config_open", open)
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
    static func unreadable(_ name: String, at path: String, _ error: GitError) -> DeployError {
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

/// Detects include sections, which would make Git's configuration reader open another file.
enum ConfigIncludes {
    /// Returns the number of the first line with an `[include]` or `[includeIf …]` section, in any
    /// case, also after a byte order mark, after blanks or behind another header on the same line;
    /// `nil` if there is none.
    static func firstIncludeLine(in text: [UInt8]) -> Int? {
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return lines.firstIndex(where: opensInclude).map { $0 + 1 }
    }

    /// Returns whether a line opens an include section. Stricter than Git: any `[` followed by such
    /// a name counts, even inside a value or a trailing comment.
    private static func opensInclude(_ line: ArraySlice<UInt8>) -> Bool {
        guard let first = line.first(where: { !isBlank($0) && !byteOrderMark.contains($0) }) else {
            return false
        }
        guard first != UInt8(ascii: "#"), first != UInt8(ascii: ";") else { return false }
        return line.indices.filter { line[$0] == UInt8(ascii: "[") }.contains { start in
            let name = line[(start + 1)...].drop(while: isBlank).prefix("include".utf8.count)
            return name.map { $0 | 0x20 } == Array("include".utf8)
        }
    }

    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}

/// A temporary directory that only its owner may enter. It is removed with its content at the end
/// of its last use.
struct TemporaryDirectory: ~Copyable {
    let path: String
    private var isReleased = false
    /// The open and locked directory. A directory that a crashed process left behind is not locked.
    private let lock: Int32

    init() throws(DeployError) {
        // mkdtemp creates the 0700 directory in one step. FileManager would leave a moment between
        // creation and chmod in which another user could enter.
        let name = "spacesync-XXXXXX"  // mkdtemp(3) replaces the six X
        var template = Array((temporaryDirectory() + name).utf8CString)
        guard mkdtemp(&template) != nil else {
            throw DiskError.temporaryFailure(in: temporaryDirectory(), errno)
        }
        lock = open(template, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        _ = flock(lock, LOCK_SH | LOCK_NB)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        guard !isReleased else { return }
        try? FileManager.default.removeItem(atPath: path)
        if lock >= 0 { close(lock) }
    }

    /// Transfers ownership to the caller, who removes the directory and closes its lock.
    mutating func release() -> (path: String, lock: Int32) {
        isReleased = true
        return (path, lock)
    }

    /// Writes a file with mode 0600 and returns its path.
    func write(_ bytes: [UInt8], as name: String) throws(DeployError) -> String {
        let file = path + "/" + name
        let descriptor = PlainFile.open(file, O_WRONLY | O_CREAT | O_TRUNC)
        guard descriptor >= 0 else { throw DiskError.temporaryFailure(in: temporaryDirectory(), errno) }
        defer { close(descriptor) }
        guard bytes.withUnsafeBytes({ $0.writeAll(to: descriptor) }) else {
            throw DiskError.temporaryFailure(in: temporaryDirectory(), errno)
        }
        return file
    }
}

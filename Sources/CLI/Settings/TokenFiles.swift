import Essentials
import Synchronization

/// Warns about files with tokens that other users can open, once for each file and run.
final class TokenFiles: Sendable {
    /// A file that more than its owner can use.
    struct OpenFile: Hashable, Sendable {
        var path: String
        var message: String
        var fix: String { "chmod 600 \(CommandHints.quoted(path))" }
    }

    private let known = Mutex<(paths: Set<String>, open: [OpenFile])>(([], []))
    private let warn: @Sendable (String) -> Void
    /// Directories that a service manager or container engine mounts for one service alone. The mode of a file there is
    /// not the user's to choose: systemd and Kubernetes show an access list or `fsGroup` as permissions of the group.
    private let mounts: [String]

    init(_ environment: CommandEnvironment, _ warn: @escaping @Sendable (String) -> Void) {
        self.warn = warn
        mounts = [environment["CREDENTIALS_DIRECTORY"], "/run/secrets", "/var/run/secrets"].compactMap { $0 }
    }

    /// The files that were found so far, each returned once.
    func drainOpenFiles() -> [OpenFile] {
        known.withLock { known in
            defer { known.open = [] }
            return known.open
        }
    }

    /// - Parameters:
    ///   - path: absolute; a link counts as what it leads to.
    ///   - name: the file as messages show it.
    func check(_ path: String, named name: String) {
        guard !mounts.contains(where: { path.hasPrefix($0 + "/") }), let mode = Self.openMode(of: path) else {
            return
        }
        let file = OpenFile(path: path, message: Self.message(name, mode))
        let isNew = known.withLock { known in
            guard known.paths.insert(path).inserted else { return false }
            known.open.append(file)
            return true
        }
        if isNew { warn("\(file.message); run \(file.fix)") }
    }

    /// The permissions of a file that its group or others can use; `nil` if its owner alone can.
    private static func openMode(of path: String) -> mode_t? {
        var info = stat()
        guard stat(path, &info) == 0, info.st_mode & S_IFMT == S_IFREG, info.st_mode & 0o077 != 0 else {
            return nil
        }
        return info.st_mode & 0o777
    }

    private static func message(_ name: String, _ mode: mode_t) -> String {
        let digits = String(mode, radix: 8)
        let whole = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        return "\(name): other users may read this token file (mode \(whole))"
    }
}

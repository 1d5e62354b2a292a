import Essentials
import SpacesModel
import Synchronization

/// Warns about files with tokens that other users can open, once per file and run.
final class TokenFiles: Sendable {
    /// A file that users other than its owner can access.
    struct OpenFile: Hashable, Sendable {
        var path: String
        var message: String
        var fix: String { "chmod 600 \(CommandHints.quoted(path))" }
    }

    private let state = Mutex<(paths: Set<String>, open: [OpenFile])>(([], []))
    private let warn: @Sendable (String) -> Void
    /// Directories that a service manager or container engine mounts for one service only. The user
    /// cannot choose the mode of a file there: systemd and Kubernetes show an access list or
    /// `fsGroup` as group permissions.
    private let mounts: [String]

    init(_ environment: CommandEnvironment, _ warn: @escaping @Sendable (String) -> Void) {
        self.warn = warn
        mounts = [environment["CREDENTIALS_DIRECTORY"], "/run/secrets", "/var/run/secrets"].compactMap { $0 }
    }

    /// Returns the files found since the last call.
    func drainOpenFiles() -> [OpenFile] {
        state.withLock { state in
            defer { state.open = [] }
            return state.open
        }
    }

    /// - Parameters:
    ///   - path: an absolute path; a link is followed.
    ///   - name: the file as messages show it.
    func check(_ path: String, named name: String) {
        guard !mounts.contains(where: { path.hasPrefix($0 + "/") }), let mode = Self.openMode(of: path) else {
            return
        }
        let file = OpenFile(path: path, message: Self.message(name, mode))
        let isNew = state.withLock { state in
            guard state.paths.insert(path).inserted else { return false }
            state.open.append(file)
            return true
        }
        if isNew { warn("\(file.message); run \(file.fix)") }
    }

    /// Returns the permissions of a file that its group or others can access; `nil` if only its
    /// owner can.
    private static func openMode(of path: String) -> mode_t? {
        var info = stat()
        guard stat(path, &info) == 0, info.st_mode & S_IFMT == S_IFREG, info.st_mode & 0o077 != 0 else {
            return nil
        }
        return info.st_mode & 0o777
    }

    private static func message(_ name: String, _ mode: mode_t) -> String {
        let digits = String(mode, radix: 8)
        let padded = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        return "\(name): other users can access this secret file (mode \(padded))"
    }
}

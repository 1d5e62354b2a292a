import Essentials

/// The changes of `hook install` besides the hook, so that `hook uninstall` reverts only these: one
/// per line, in a file in the repository's directory.
struct HookInstallManifest: Sendable {
    enum Change: String, CaseIterable, Sendable {
        case advertised = "receive.advertisePushOptions"
        case directory = "hooks"
    }

    private let path: String

    init(of repository: HookRepository) {
        path = HookLogDirectory(of: repository.gitDirectory).path + "/installed"
    }

    var changes: Set<Change> {
        let text = readFile(path, limit: 4096).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return Set(text.split(separator: "\n").compactMap { Change(rawValue: String($0)) })
    }

    /// - Returns: whether the manifest could be written.
    func add(_ change: Change) -> Bool {
        let all = changes.union([change])
        let text = Change.allCases.filter(all.contains).map { $0.rawValue + "\n" }.joined()
        let directory = path.deletingLastPathComponent
        try? FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        return (try? Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)) != nil
    }

    func remove() {
        unlink(path)
        // rmdir removes the directory only if it is empty.
        rmdir(path.deletingLastPathComponent)
    }
}

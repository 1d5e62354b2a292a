import Essentials
import Git
import SpacesModel

/// The files of a hook installation. Each step is atomic: it leaves either the old state or the new
/// one.
struct HookFiles: Sendable {
    private let repository: HookRepository

    init(_ repository: HookRepository) { self.repository = repository }

    /// Writes an executable script owned by the owner of the directory.
    func write(_ script: HookScript, to path: String) throws(DeployError) {
        let directory = path.deletingLastPathComponent
        let temporary = directory + "/.spacesync-\(getpid())"
        defer { unlink(temporary) }
        let isCreated = FileManager.default.createFile(
            atPath: temporary, contents: Data(script.text.utf8), attributes: [.posixPermissions: 0o755])
        // The umask has reduced the mode of the new file.
        guard isCreated, chmod(temporary, 0o755) == 0, copyOwner(temporary, as: directory),
            rename(temporary, path) == 0
        else {
            throw unwritable(path)
        }
    }

    /// - Returns: whether the directory was created.
    func createHooksDirectory() throws(DeployError) -> Bool {
        guard mkdir(repository.hooks, 0o755) == 0 else {
            guard errno == EEXIST else { throw unwritable(repository.hooks) }
            return false
        }
        guard copyOwner(repository.hooks, as: repository.gitDirectory) else {
            throw unwritable(repository.hooks)
        }
        return true
    }

    /// Saves the existing hook under another name. It also stays in place until the new hook
    /// replaces it.
    func saveExistingHook() throws(DeployError) {
        var status = stat()
        guard lstat(repository.savedHook, &status) != 0 else {
            throw DeployError(
                .blocked,
                "nothing was changed: \(repository.savedHook) already exists, saved by an earlier installation",
                hint:
                    "\(HookRepository.name) was replaced since then; compare both files and remove the one you do not need"
            )
        }
        guard
            link(repository.hook, repository.savedHook) == 0
                || rename(repository.hook, repository.savedHook) == 0
        else {
            throw unwritable(repository.savedHook)
        }
    }

    /// Removes the installed hook and restores the one that was there before.
    func uninstall(_ script: HookScript) throws(DeployError) {
        let savedHook = repository.hooks + "/" + script.other
        var status = stat()
        let isSaved = !script.other.isEmpty && lstat(savedHook, &status) == 0
        guard isSaved ? rename(savedHook, repository.hook) == 0 : unlink(repository.hook) == 0 else {
            throw unwritable(repository.hook)
        }
    }

    /// Removes the script that an existing hook calls.
    /// - Returns: its path; `nil` if spacesync installed none.
    func removePart() throws(DeployError) -> String? {
        guard let part = repository.part, HookScript(at: part) != nil else { return nil }
        guard unlink(part) == 0 else { throw unwritable(part) }
        return part
    }

    /// Changes the owner if root installs the hook for the owner of the repository.
    private func copyOwner(_ path: String, as model: String) -> Bool {
        var status = stat()
        guard geteuid() == 0, stat(model, &status) == 0, status.st_uid != 0 else { return true }
        return chown(path, status.st_uid, status.st_gid) == 0
    }

    /// Returns a warning if the owner of the repository cannot run the binary, for example one in
    /// root's home directory.
    func warning(about binary: String) -> String? {
        var status = stat()
        guard stat(repository.gitDirectory, &status) == 0, status.st_uid != geteuid() else { return nil }
        let owner = status.st_uid
        var path = ""
        for part in binary.split(separator: "/") {
            path += "/" + part
            guard stat(path, &status) == 0, status.st_uid != owner, status.st_mode & 0o001 == 0 else {
                continue
            }
            return "the owner of this repository, who runs the hook, cannot access \(path); "
                + "install spacesync for all users (.ci/install /usr/local)"
        }
        return nil
    }

    private func unwritable(_ path: String) -> DeployError {
        DeployError(
            .settings, "\(path) cannot be written: \(String(cString: strerror(errno)))",
            hint:
                "run the command as the owner of the repository; see ls -ld \(CommandHints.quoted(repository.hooks))"
        )
    }
}

/// `receive.advertisePushOptions` in the repository's own configuration, changed with `git config`,
/// which keeps the rest of the file unchanged.
struct HookConfiguration: Sendable {
    private static let key = "receive.advertisePushOptions"
    private let repository: HookRepository

    init(_ repository: HookRepository) { self.repository = repository }

    /// The value; `nil` if the repository's own configuration does not set it.
    var value: String? {
        get throws(DeployError) {
            let entries = try readConfiguration(at: repository.configuration)
            let entry = entries.last { $0.section == "receive" && $0.key == "advertisepushoptions" }
            return entry.map { $0.value ?? "true" }
        }
    }

    func set(in environment: CommandEnvironment) async -> Bool { await git([Self.key, "true"], environment) }

    /// Removes the key if its value is true.
    func unset(in environment: CommandEnvironment) async -> Bool {
        guard (try? value) == "true" else { return false }
        return await git(["--unset", Self.key], environment)
    }

    private func git(_ arguments: [String], _ environment: CommandEnvironment) async -> Bool {
        let environment = environment.variables.filter { !$0.key.hasPrefix("GIT_") }
        let line = ["config", "--file", repository.configuration] + arguments
        return await ProcessRunner.run("git", line, environment: environment, directory: "/").status == 0
    }
}

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

import Essentials
import SpacesModel

/// The files of an installation. Each step leaves either what was there or what is to be there.
struct HookFiles: Sendable {
    private let repository: HookRepository

    init(_ repository: HookRepository) { self.repository = repository }

    /// Writes an executable that belongs to whom the directory belongs to.
    func write(_ script: HookScript, to path: String) throws(DeployError) {
        let folder = path.deletingLastPathComponent
        let new = folder + "/.spacesync-\(getpid())"
        defer { unlink(new) }
        let isMade = FileManager.default.createFile(
            atPath: new, contents: Data(script.text.utf8), attributes: [.posixPermissions: 0o755])
        // The mode of a new file is what the umask leaves of it.
        guard isMade, chmod(new, 0o755) == 0, copyOwner(new, as: folder), rename(new, path) == 0 else {
            throw unwritable(path)
        }
    }

    /// - Returns: whether it had to be made.
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

    /// Puts the hook that is there aside. It stays in its place, too, until ours is written over it.
    func saveExistingHook() throws(DeployError) {
        var status = stat()
        guard lstat(repository.savedHook, &status) != 0 else {
            throw DeployError(
                .blocked,
                "nothing was changed: \(repository.savedHook) is in the way, kept by an earlier installation",
                hint:
                    "\(HookRepository.name) was replaced since by another's; look at both, and remove what is not meant"
            )
        }
        guard
            link(repository.hook, repository.savedHook) == 0
                || rename(repository.hook, repository.savedHook) == 0
        else {
            throw unwritable(repository.savedHook)
        }
    }

    /// Takes our hook away, and puts the one that was there before back.
    func uninstall(_ script: HookScript) throws(DeployError) {
        let other = repository.hooks + "/" + script.other
        var status = stat()
        let isKept = !script.other.isEmpty && lstat(other, &status) == 0
        guard isKept ? rename(other, repository.hook) == 0 : unlink(repository.hook) == 0 else {
            throw unwritable(repository.hook)
        }
    }

    func removePart(in parts: String) throws(DeployError) -> Bool {
        let part = parts + "/spacesync"
        guard let bytes = readFile(part, limit: 1 << 20),
            HookScript(reading: String(decoding: bytes, as: UTF8.self)) != nil
        else { return false }
        guard unlink(part) == 0 else { throw unwritable(part) }
        return true
    }

    /// Root installs for whom the repository belongs to.
    private func copyOwner(_ path: String, as model: String) -> Bool {
        var status = stat()
        guard geteuid() == 0, stat(model, &status) == 0, status.st_uid != 0 else { return true }
        return chown(path, status.st_uid, status.st_gid) == 0
    }

    /// Root's own binary is of no use to whom the repository belongs to.
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
            return "\(path) is closed to the owner of this repository, who runs the hook: "
                + "install spacesync where all may run it (.ci/install /usr/local)"
        }
        return nil
    }

    private func unwritable(_ path: String) -> DeployError {
        DeployError(
            .settings, "\(path) cannot be written: \(String(cString: strerror(errno)))",
            hint: "run it as who owns the repository: ls -ld \(CommandHints.quoted(repository.hooks))")
    }
}

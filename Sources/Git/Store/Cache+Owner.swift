import Essentials
import SpacesModel

extension Cache {
    /// Checks that only the current user controls the cache: its objects are pushed, and its files
    /// contain LFS pointers and host names.
    /// - Throws: kind `settings` if the directory belongs to another user or is writable for
    ///   everyone.
    package func checkOwner() throws(DeployError) {
        var (link, target) = (stat(), stat())
        guard lstat(path, &link) == 0, stat(path, &target) == 0, target.st_mode & S_IFMT == S_IFDIR else {
            return
        }
        let user = geteuid()
        // A symbolic link that belongs to the user or to root may point to a larger disk.
        guard target.st_uid == user, link.st_uid == user || link.st_uid == 0 else {
            let owner = target.st_uid == user ? link.st_uid : target.st_uid
            throw DeployError(
                .settings, "the cache \(path) belongs to another user (\(Self.name(of: owner)))",
                hint: "run spacesync as that user, or use another directory: set XDG_CACHE_HOME, or "
                    + "cache = DIR in [spacesync] of your settings")
        }
        // With the sticky bit (a tmpfs), other users cannot replace existing files, and links are
        // not followed.
        guard target.st_mode & 0o1002 != 0o002 else {
            throw DeployError(
                .settings, "every user of this machine may write to the cache \(path)",
                hint: "run chmod go-w \(path), then spacesync cache clear")
        }
    }

    private static func name(of user: uid_t) -> String {
        guard let entry = getpwuid(user), let name = entry.pointee.pw_name else { return "user \(user)" }
        return String(cString: name)
    }
}

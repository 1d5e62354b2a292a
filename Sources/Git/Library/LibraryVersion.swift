internal import CGit2

/// What libgit2 this program found.
package enum LibraryVersion {
    /// `1.5.1`
    package static var text: String {
        var (major, minor, patch) = (Int32(0), Int32(0), Int32(0))
        git_libgit2_version(&major, &minor, &patch)
        return "\(major).\(minor).\(patch)"
    }

    /// Whether it speaks ssh, for sources that are reached so.
    package static var supportsSSH: Bool { git_libgit2_features() & Int32(GIT_FEATURE_SSH.rawValue) != 0 }
}

internal import CGit2

/// The version and features of the installed libgit2.
package enum LibraryVersion {
    /// The version number, such as `1.5.1`.
    package static var text: String {
        var (major, minor, patch) = (Int32(0), Int32(0), Int32(0))
        git_libgit2_version(&major, &minor, &patch)
        return "\(major).\(minor).\(patch)"
    }

    /// Whether libgit2 was built with SSH support, which sources with SSH URLs need.
    package static var supportsSSH: Bool { git_libgit2_features() & Int32(GIT_FEATURE_SSH.rawValue) != 0 }
}

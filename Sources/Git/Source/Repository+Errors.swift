internal import CGit2
import Essentials
import SpacesModel

extension Repository {
    /// Returns the error for a repository that cannot be opened, with a hint.
    static func openingFailure(_ path: String, _ error: GitError) -> DeployError {
        guard FileManager.default.fileExists(atPath: path) else {
            return DeployError(
                .source, "there is no folder \(path)",
                hint: "name the source with --source PATH or --source URL")
        }
        if let failure = unsupportedFormat(path) { return failure }
        guard !error.isMissing else { return notARepository(path) }
        return DeployError(
            .source, "the repository at \(path) cannot be opened", details: [error.message],
            hint: "see what Git says of it: git -C \(path.shellQuoted) fsck")
    }

    private static func notARepository(_ path: String) -> DeployError {
        let isRootOrHome = path == "/" || path == homeDirectory()
        let sourceHint = "name a repository: --source PATH or --source URL"
        return DeployError(
            .source, "\(path) is no Git repository, nor is any folder above it",
            details: ["spacesync deploys commits, so that each deploy has a name and a way back"],
            hint: isRootOrHome
                ? sourceHint
                : """
                cd \(path.shellQuoted) && git init && git add -A && git commit -m "first commit"
                or \(sourceHint)
                """,
            cause: .noRepository)
    }

    /// Returns the error for a repository format that libgit2 cannot read; `nil` for other formats.
    /// Reads the repository's configuration and does not depend on libgit2's message.
    private static func unsupportedFormat(_ path: String) -> DeployError? {
        guard
            let directory = try? text(
                "git_repository_discover", { git_repository_discover(&$0, path, 0, nil) }),
            let entries = try? readConfiguration(at: directory + "config")
        else { return nil }
        func value(_ key: String) -> String? {
            entries.last { $0.section == "extensions" && $0.key == key }?.value?.lowercased()
        }
        if value("objectformat") == "sha256" {
            return DeployError(
                .source, "the repository at \(path) names its objects by SHA-256, a Space by SHA-1",
                hint: "make a repository of the usual format: git init --object-format=sha1")
        }
        if value("refstorage") == "reftable" {
            return DeployError(
                .source,
                "the repository at \(path) keeps its branches as a reftable, which cannot be read here",
                hint: "git -C \(path.shellQuoted) refs migrate --ref-format=files")
        }
        return nil
    }
}

extension String {
    /// The text quoted as one word of a shell command.
    var shellQuoted: String {
        let isSafe =
            !isEmpty
            && utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."),
                    UInt8(ascii: "-"),
                    UInt8(ascii: "_"), UInt8(ascii: "~"):
                    true
                default: false
                }
            }
        return isSafe ? self : "'" + replacingEach("'", with: #"'\''"#) + "'"
    }
}

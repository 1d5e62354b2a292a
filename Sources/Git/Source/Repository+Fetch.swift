internal import CGit2
import Essentials
import SpacesModel
import TextTools

extension Repository {
    /// Fetches all branches and tags over SSH into this repository of the cache, and returns the
    /// branch that the remote's HEAD points to. libgit2 verifies the host key against
    /// `known_hosts`.
    /// - Throws: kind `permissionDenied`, `tryLater` or `source`, naming the address.
    func fetch(from address: String) throws(DeployError) -> String? {
        do throws(GitError) { return try fetchAll(from: address) } catch {
            throw Self.failure(address, error)
        }
    }

    private func fetchAll(from address: String) throws(GitError) -> String? {
        let raw = handle.raw
        let remote = try Handle<RemoteKind>("git_remote_create_anonymous") {
            git_remote_create_anonymous(&$0, raw, address)
        }
        let attempts = SSHCredentialAttempts()
        var options = spacesync_git_fetch_options()
        options.prune = GIT_FETCH_PRUNE
        options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE
        options.update_fetchhead = 0
        options.callbacks.payload = Unmanaged.passUnretained(attempts).toOpaque()
        options.callbacks.credentials = { slot, _, user, allowed, payload in
            guard let payload else { return GIT_PASSTHROUGH.rawValue }
            let attempts = Unmanaged<SSHCredentialAttempts>.fromOpaque(payload).takeUnretainedValue()
            return attempts.next(
                slot, user: user.map { String(cString: $0) } ?? ProcessInfo.processInfo.userName,
                allowed: allowed)
        }
        // The payload is passed unretained: it must live until the fetch has finished.
        let status = withExtendedLifetime(attempts) {
            withStrings(["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"]) { specs in
                // Without a message the reflog would contain the URL.
                git_remote_fetch(remote.raw, &specs, &options, "fetch")
            }
        }
        try check("git_remote_fetch", status)
        let name = try? text("git_remote_default_branch") { git_remote_default_branch(&$0, remote.raw) }
        return name.map { String($0.trimmingPrefix("refs/heads/")) }
    }

    private static func failure(_ address: String, _ error: GitError) -> DeployError {
        let name = RepositoryName.displayName(address)
        let detail = error.message.redactingURLs
        switch error.code {
        case GIT_EAUTH.rawValue:
            return DeployError(
                .permissionDenied, "no ssh key is accepted for \(name)", details: [detail],
                hint: "add a key to the ssh agent: ssh-add")
        case GIT_ECERTIFICATE.rawValue:
            return DeployError(
                .permissionDenied, "unknown ssh host key: \(name)", details: [detail],
                hint: "connect once with ssh and verify the key; ssh then adds it to known_hosts")
        default:
            if error.message.contains("unsupported URL") { return noTransport(name, error) }
            let isTransient = error.isNetworkError
            return DeployError(
                isTransient ? .tryLater : .source, "\(name) could not be fetched", details: [detail],
                hint: isTransient
                    ? "check the name and the network (test with ssh), then try again"
                    : "check the address, or use the https URL with a token: GITHUB_TOKEN, or [source]")
        }
    }

    /// Returns the error if libgit2 supports no transport for the URL, which Git's configuration
    /// may have rewritten.
    private static func noTransport(_ name: String, _ error: GitError) -> DeployError {
        let supportsSSH = git_libgit2_features() & Int32(GIT_FEATURE_SSH.rawValue) != 0
        return DeployError(
            .source,
            supportsSSH
                ? "\(name) could not be fetched" : "\(name): libgit2 on this machine does not support ssh",
            details: [error.message.redactingURLs],
            hint: (supportsSSH
                ? "check if Git's configuration rewrites the URL: git config --get-regexp '^url[.].*[.]insteadof$'\n"
                : "")
                + "use the https URL; set GITHUB_TOKEN if the repository is private")
    }

    /// Returns the error for a repository that cannot be opened, with a hint.
    static func openingFailure(_ path: String, _ error: GitError) -> DeployError {
        guard FileManager.default.fileExists(atPath: path) else {
            return DeployError(
                .source, "no such directory: \(path)",
                hint: "set the source with --source PATH or --source URL")
        }
        if let failure = unsupportedFormat(path) { return failure }
        guard !error.isMissing else { return notARepository(path) }
        return DeployError(
            .source, "the repository at \(path) cannot be opened", details: [error.message],
            hint: "check the repository: git -C \(path.shellQuoted) fsck")
    }

    private static func notARepository(_ path: String) -> DeployError {
        let isRootOrHome = path == "/" || path == homeDirectory()
        let sourceHint = "use another repository: --source PATH or --source URL"
        return DeployError(
            .source, "\(path) is not a Git repository, nor is any parent directory",
            details: ["spacesync deploys commits, so that each deploy has an id and can be rolled back"],
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
                .source, "the repository at \(path) uses SHA-256 object ids; Spaces use SHA-1",
                hint: "create a repository with SHA-1 object ids: git init --object-format=sha1")
        }
        if value("refstorage") == "reftable" {
            return DeployError(
                .source,
                "the repository at \(path) uses the reftable format, which is not supported",
                hint: "run git -C \(path.shellQuoted) refs migrate --ref-format=files")
        }
        return nil
    }
}

/// The output parameter of libgit2's credential callback.
private typealias CredentialSlot = UnsafeMutablePointer<UnsafeMutablePointer<git_credential>?>?

/// The credentials still to be offered. Each is offered once, since libgit2 asks again after every
/// rejection.
private final class SSHCredentialAttempts {
    private var remaining: [Offer] = [.agent, .file("id_ed25519"), .file("id_ecdsa"), .file("id_rsa")]
    private var hasNamedUser = false

    private enum Offer { case agent, file(String) }

    func next(_ slot: CredentialSlot, user: String, allowed: UInt32) -> Int32 {
        if allowed & GIT_CREDENTIAL_USERNAME.rawValue != 0, !hasNamedUser {
            hasNamedUser = true
            return git_credential_username_new(slot, user)
        }
        guard allowed & GIT_CREDENTIAL_SSH_KEY.rawValue != 0 else { return GIT_EAUTH.rawValue }
        while !remaining.isEmpty {
            if offer(remaining.removeFirst(), slot, user) { return 0 }
        }
        return GIT_EAUTH.rawValue
    }

    private func offer(_ offer: Offer, _ slot: CredentialSlot, _ user: String) -> Bool {
        switch offer {
        case .agent:
            // Without an agent, libgit2 fails at once instead of asking for the next credential.
            let socket = ProcessInfo.processInfo.environment["SSH_AUTH_SOCK"] ?? ""
            guard FileManager.default.fileExists(atPath: socket) else { return false }
            return git_credential_ssh_key_from_agent(slot, user) == 0
        case .file(let name):
            let home = ProcessInfo.processInfo.environment["HOME"] ?? homeDirectory()
            let path = home + "/.ssh/" + name
            guard FileManager.default.isReadableFile(atPath: path) else { return false }
            return git_credential_ssh_key_new(slot, user, path + ".pub", path, "") == 0
        }
    }
}

/// Calls `body` with a `git_strarray` of these texts.
private func withStrings(_ texts: [String], _ body: (inout git_strarray) -> Int32) -> Int32 {
    var copies = texts.map { strdup($0) }
    defer { copies.forEach { free($0) } }
    return copies.withUnsafeMutableBufferPointer { buffer in
        var strings = git_strarray(strings: buffer.baseAddress, count: buffer.count)
        return body(&strings)
    }
}

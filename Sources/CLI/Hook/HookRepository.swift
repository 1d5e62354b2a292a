import Essentials
import Git
import SpacesModel

/// A repository that is pushed to, and its hooks directory.
struct HookRepository: Sendable {
    let source: LocalSource
    /// The Git directory as shown in commands.
    let gitDirectory: String
    /// The directory in which Git looks for hooks.
    let hooks: String
    /// The reason why the hooks may be shared with other repositories; `nil` if they are not, or if
    /// `--hooks` names the directory.
    let sharingReason: String?

    static let name = "post-receive"

    /// - Throws: kind `source` if there is no repository, or if another user owns it.
    init(_ invocation: Invocation) async throws(DeployError) {
        let (environment, arguments) = (invocation.environment, invocation.arguments)
        let paths = arguments.positionals.dropFirst()
        let path = paths.first.map { environment.absolute($0) } ?? environment.directory
        do throws(DeployError) { source = try await LocalSource.open(at: path) } catch {
            throw Self.withHint(error, invocation)
        }
        if paths.isEmpty {
            try SettingsLoader(environment, arguments).rejectDiscoveredBareRepository(
                CurrentRepository(source, path))
        }
        gitDirectory = source.gitDirectory
        if let directory = arguments.value(HookCommand.hooks) {
            (hooks, sharingReason) = (environment.absolute(directory), nil)
            return
        }
        let defaultHooks = gitDirectory + "/hooks"
        let setting = await source.setting("core.hooksPath")
        let base = source.workTree ?? gitDirectory
        hooks = setting.map { environment.absolute($0, from: base) } ?? defaultHooks
        sharingReason = Self.sharingReason(hooks, in: gitDirectory, setting)
    }

    /// Replaces the hint of an error about the repository by one for `hook`.
    private static func withHint(_ failure: DeployError, _ invocation: Invocation) -> DeployError {
        let arguments = invocation.arguments.positionals
        let verb = arguments.first ?? "status"
        var explained = failure
        if let hint = failure.hint, hint.contains("safe.directory") {
            let path = arguments.dropFirst().first.map { " " + CommandHints.quoted($0) } ?? ""
            explained.hint = "run it as the owner: sudo -u OWNER spacesync hook \(verb)\(path)\n\(hint)"
        } else {
            explained.details = []
            explained.hint =
                "specify the repository that receives the pushes: spacesync hook \(verb) /srv/git/web.git"
        }
        return explained
    }

    var hook: String { hooks + "/" + Self.name }
    var configuration: String { gitDirectory + "/config" }

    private static func sharingReason(_ hooks: String, in repository: String, _ setting: String?) -> String? {
        let (real, repositoryPrefix) = (Self.realPath(hooks), Self.realPath(repository) + "/")
        if !real.hasPrefix(repositoryPrefix) {
            if let setting {
                return "core.hooksPath = \(setting) is a directory that may be shared with other repositories"
            }
            return "\(hooks) is a link to \(real), which may be shared with other repositories"
        }
        let hook = hooks + "/" + name
        guard let link = try? FileManager.default.destinationOfSymbolicLink(atPath: hook) else { return nil }
        let target = Self.realPath(hook)
        return target.hasPrefix(repositoryPrefix)
            ? nil
            : "\(hook) is a link to \(link), which may be shared with other repositories; the program that created it may create it again"
    }

    private static func realPath(_ path: String) -> String {
        URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    }

    /// The directory of the shared hooks, with links resolved.
    var sharedHooks: String {
        let isLink = (try? FileManager.default.destinationOfSymbolicLink(atPath: hook)) != nil
        return isLink ? Self.realPath(hook).deletingLastPathComponent : Self.realPath(hooks)
    }

    /// The state of the hook that Git finds.
    enum HookState: Hashable, Sendable {
        case missing
        case managed(HookScript)
        /// A hook not written by spacesync that runs `spacesync hook run` itself.
        case callsSpacesync
        case other(isExecutable: Bool)
    }

    var hookState: HookState {
        var status = stat()
        guard lstat(hook, &status) == 0 else { return .missing }
        let text = readFile(hook, limit: 1 << 20).map { String(decoding: $0, as: UTF8.self) } ?? ""
        if let script = HookScript(reading: text) { return .managed(script) }
        let calls = text.split(separator: "\n").contains {
            !$0.trimmingPrefix(while: \.isWhitespace).hasPrefix("#") && $0.contains("spacesync")
                && $0.contains("hook run")
        }
        return calls ? .callsSpacesync : .other(isExecutable: access(hook, X_OK) == 0)
    }

    /// The name under which an existing hook is saved: in the same directory, because it may call
    /// files next to it.
    static let savedHookName = "post-receive.before-spacesync"
    var savedHook: String { hooks + "/" + Self.savedHookName }

    /// The path for a script of spacesync that the existing hook runs, as it runs all scripts of a
    /// directory (Gitea, Debian's run-parts); `nil` if it does not.
    var part: String? {
        let directory = hook + ".d"
        var info = stat()
        guard stat(directory, &info) == 0, info.st_mode & S_IFMT == S_IFDIR,
            let bytes = readFile(hook, limit: 1 << 20), String(decoding: bytes, as: UTF8.self).contains(".d")
        else { return nil }
        return directory + "/spacesync"
    }
}

/// The hook script: Git runs it, and it finds the binary even if PATH is not set.
struct HookScript: Hashable, Sendable {
    /// The path of the binary when the hook was written.
    var binary = ""
    /// The name of the saved hook next to this one, which is called first; empty if there is none.
    var other = ""
    /// The version of spacesync that wrote the hook.
    var version = CommandLineTool.version

    init(binary: String = "", other: String = "") { (self.binary, self.other) = (binary, other) }

    private static let mark = "# spacesync hook, written by spacesync "
    /// A line of the hook that was installed by hand before `hook install` existed.
    private static let earlierMark = "# Deploys the pushed branches that a Space is bound to."

    /// Returns `nil` for a hook not written by spacesync.
    init?(reading text: String) {
        let lines = text.split(separator: "\n")
        guard let head = lines.first(where: { $0.hasPrefix(Self.mark) }) else {
            guard lines.contains(where: { $0.hasPrefix(Self.earlierMark) }) else { return nil }
            version = "an earlier version"
            return
        }
        version = String(head.dropFirst(Self.mark.count).prefix { $0 != ":" })
        binary = Self.value(of: "binary", in: lines)
        other = Self.value(of: "other", in: lines)
    }

    /// Reads a script; `nil` if there is none that spacesync wrote.
    init?(at path: String) {
        guard let bytes = readFile(path, limit: 1 << 20) else { return nil }
        self.init(reading: String(decoding: bytes, as: UTF8.self))
    }

    private static func value(of name: String, in lines: [Substring]) -> String {
        guard let line = lines.first(where: { $0.hasPrefix(name + "='") && $0.hasSuffix("'") }) else {
            return ""
        }
        return String(line.dropFirst(name.count + 2).dropLast()).replacing(#"'\''"#, with: "'")
    }

    /// The script, for any POSIX shell.
    var text: String {
        #"""
        #!/bin/sh
        \#(Self.mark)\#(version): deploys the pushed branches that a Space is bound to.
        # `spacesync hook install` installs it in a repository, `hook status` shows what it does there, and `hook uninstall`
        # removes it. To install it manually, copy it to the hooks/ directory of a bare repository and bind a branch in the
        # repository's configuration:
        #
        #   git config space.owner/name.branch webai2hf:main
        #
        # A failed deploy does not fail the push, because Git has already received the push when this script runs.
        binary=\#(CommandHints.singleQuoted(binary))
        other=\#(CommandHints.singleQuoted(other))
        refs=$(cat)
        status=0
        if [ -n "$other" ] && [ -x "$(dirname "$0")/$other" ]; then
          printf '%s\n' "$refs" | "$(dirname "$0")/$other" "$@"
          status=$?
        fi
        if [ ! -x "$binary" ]; then
          recorded=$binary
          home=${HOME:-$(getent passwd "$(id -u)" 2>/dev/null | cut -d: -f6)}
          PATH="${PATH:-/usr/bin:/bin}:$home/.local/bin:/usr/local/bin"
          binary=$(command -v spacesync)
        fi
        if [ -n "$binary" ]; then
          printf '%s\n' "$refs" | "$binary" hook run
        else
          echo "-----> spacesync was not found on the PATH of this server ($PATH)${recorded:+ or at $recorded}; nothing was deployed" >&2
        fi
        exit $status

        """#
    }
}

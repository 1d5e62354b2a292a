import Essentials
import Git
import SpacesModel

/// A repository that is pushed to, and where its hooks are.
struct HookRepository: Sendable {
    let source: LocalSource
    /// Its Git directory, as it is written in lines to type.
    let gitDirectory: String
    /// Where Git looks for its hooks.
    let hooks: String
    /// Who else is served by them, where it is not this repository alone; somebody named the directory if not.
    let sharingReason: String?

    static let name = "post-receive"

    /// - Throws: kind `source` where there is no repository, or it is another user's.
    init(_ invocation: Invocation) async throws(DeployError) {
        let (world, arguments) = (invocation.environment, invocation.arguments)
        let words = arguments.positionals.dropFirst()
        let place = words.first.map { world.absolute($0) } ?? world.directory
        do throws(DeployError) { source = try await LocalSource.open(at: place) } catch {
            throw Self.withHint(error, invocation)
        }
        if words.isEmpty {
            try SettingsLoader(world, arguments).rejectDiscoveredBareRepository(
                CurrentRepository(source, place))
        }
        gitDirectory = source.gitDirectory
        if let named = arguments.value(.hooks) {
            (hooks, sharingReason) = (world.absolute(named), nil)
            return
        }
        let own = gitDirectory + "/hooks"
        let setting = await source.setting("core.hooksPath")
        let base = source.workTree ?? gitDirectory
        hooks = setting.map { world.absolute($0, from: base) } ?? own
        sharingReason = Self.sharingReason(hooks, in: gitDirectory, setting)
    }

    /// What deploys a folder is of no use here.
    private static func withHint(_ failure: DeployError, _ invocation: Invocation) -> DeployError {
        let words = invocation.arguments.positionals
        let verb = words.first ?? "status"
        var explained = failure
        if let hint = failure.hint, hint.contains("safe.directory") {
            let place = words.dropFirst().first.map { " " + CommandHints.quoted($0) } ?? ""
            explained.hint = "as its owner: sudo -u OWNER spacesync hook \(verb)\(place)\n\(hint)"
        } else {
            explained.details = []
            explained.hint = "name the repository that is pushed to: spacesync hook \(verb) /srv/git/web.git"
        }
        return explained
    }

    var hook: String { hooks + "/" + Self.name }
    var configuration: String { gitDirectory + "/config" }

    private static func sharingReason(_ hooks: String, in repository: String, _ setting: String?) -> String? {
        let (real, inside) = (Self.realPath(hooks), Self.realPath(repository) + "/")
        if !real.hasPrefix(inside) {
            if let setting {
                return "core.hooksPath = \(setting) is a directory that other repositories may share"
            }
            return "\(hooks) is a link to \(real), which other repositories may share"
        }
        let hook = hooks + "/" + name
        guard let link = try? FileManager.default.destinationOfSymbolicLink(atPath: hook) else { return nil }
        let target = Self.realPath(hook)
        return target.hasPrefix(inside)
            ? nil
            : "\(hook) is a link to \(link), which other repositories may share, and who made it may make it again"
    }

    private static func realPath(_ path: String) -> String {
        URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    }

    /// Where the shared hooks are, to be named.
    var sharedHooks: String {
        let isLink = (try? FileManager.default.destinationOfSymbolicLink(atPath: hook)) != nil
        return isLink ? Self.realPath(hook).deletingLastPathComponent : Self.realPath(hooks)
    }
}

extension HookRepository {
    /// What Git finds as its hook.
    enum HookState: Hashable, Sendable {
        case missing
        case managed(HookScript)
        /// Somebody's own, which calls spacesync itself.
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

    /// Where a hook that was there is kept: its directory stays the same, for what it calls beside itself.
    static let savedHookName = "post-receive.before-spacesync"
    var savedHook: String { hooks + "/" + Self.savedHookName }

    /// A directory whose scripts the hook that is there calls itself (Gitea, Debian's run-parts): ours goes there then.
    var partsDirectory: String? {
        let directory = hook + ".d"
        var info = stat()
        guard stat(directory, &info) == 0, info.st_mode & S_IFMT == S_IFDIR,
            let bytes = readFile(hook, limit: 1 << 20), String(decoding: bytes, as: UTF8.self).contains(".d")
        else { return nil }
        return directory
    }
}

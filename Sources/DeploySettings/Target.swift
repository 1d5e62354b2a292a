import DockerSyntax
import SpacesModel
import TextTools

/// A deploy target: one Space with its settings, a `[space "owner/name"]` section merged with
/// defaults and flags.
package struct Target: Hashable, Sendable {
    package var space: SpaceID
    /// The source as written; `nil` if it is the repository that the settings are in.
    package var source: Sourced?
    /// Branch, tag or commit of the source; `nil` if it is `HEAD`.
    package var revision: String?
    package var spaceBranch = "main"
    package var root = Path.root
    package var include: [String] = []
    package var exclude: [String] = []
    package var keep: [String] = []
    package var maps: [Mapping] = []
    package var adds: [Mapping] = []
    package var sdk: String?
    package var dockerfile: Path?
    /// The base image of a layered build.
    package var image: ImageReference?
    package var pin = true
    package var template: Template?
    package var env: [ContainerSettings.Variable] = []
    package var command: String?
    package var port: Int?
    /// Entries of the card: `KEY: VALUE`.
    package var card: [String] = []
    package var cardFile: Path?
    package var create: Bool?
    package var visibility: String?
    package var variables: [ConfiguredVariable] = []
    package var secrets: [ConfiguredVariable] = []
    package var hardware: String?
    package var sleepTime: SleepTime?
    package var drift = "refuse"
    package var deleteLimit = DeleteLimit.standard
    package var history = "snapshot"
    package var lfs = "auto"
    /// Patterns of files in which apparent credentials are allowed.
    package var allowCredential: [String] = []
    package var trace = "full"
    package var probes: [Probe] = []
    package var probeHeaders: [ProbeHeader] = []
    package var timeout = Duration.seconds(20 * 60)
    package var wake = false
    package var rebuild = false
    package var rollbackOnFailure = false
    package var manual = false
    package var notify: Sourced?
    /// The configured Space that may be meant instead, if this one is not in the settings.
    package var suggestion: Sourced?
    /// The effective settings, in the order of `SettingKey.all`, with their origins.
    package var resolvedSettings: [ResolvedSetting] = []

    package init(space: SpaceID) { self.space = space }

    /// A value with its origin: a relative path is relative to its origin.
    package struct Sourced: Hashable, Sendable {
        package var value: String
        package var origin: SettingOrigin
    }

    /// A variable or secret with its origin: the path of a file is relative to its origin.
    package struct ConfiguredVariable: Hashable, Sendable {
        package var reference: ValueReference
        package var origin: SettingOrigin
    }

    package struct ResolvedSetting: Hashable, Sendable {
        package var key: String
        package var value: String
        package var origin: SettingOrigin
        package var line: Int?

        /// The part of the deploy that the setting changes; `nil` if the key is unknown.
        package var effect: SettingKey.Effect? { SettingKey.named(key)?.effect }

        /// The setting as it may be shown and stored: `KEY = VALUE`. The path of a secret URL
        /// (`notify`) is hidden, as everybody who knows the URL can post to it.
        package var shown: String {
            guard let row = SettingKey.named(key), row.isURL, row.confidentiality == .secret,
                let url = try? RemoteURL(value)
            else { return "\(key) = \(value.redactingURLs)" }
            return "\(key) = \(url.origin)/…"
        }
    }

    /// The branch of the source with the branch of the Space.
    var branch: BranchMapping {
        get { BranchMapping(source: revision, space: spaceBranch) }
        set { (revision, spaceBranch) = (newValue.source, newValue.space) }
    }

    /// Whether binary and large files are stored with Git LFS.
    package var usesLFS: Bool { lfs == "auto" }

    /// The hint of an error message: `did you mean me/web (from .spacesync)?`
    package var suggestionHint: String? { suggestion.map { "did you mean \($0.value) (from \($0.origin))?" } }

    /// Whether the source's own commits are pushed instead of snapshot commits (`history = source`).
    package var pushesHistory: Bool { history == "source" }

    /// Errors for settings that exclude one another.
    var conflicts: [SettingError] {
        var errors = configurationErrors
        guard let image else { return errors }
        if let template, let setting = setting("template") {
            errors.append(
                SettingError(
                    setting.origin, line: setting.line, key: "template", value: template.rawValue,
                    "a template has its own base image and cannot be combined with image = \(image.familiar)",
                    hint: "remove one of them; an empty template = clears it"))
        }
        if let sdk, sdk != "docker", let setting = setting("sdk") {
            errors.append(
                SettingError(
                    setting.origin, line: setting.line, key: "sdk", value: sdk,
                    "image = \(image.familiar) requires a docker Space",
                    hint: "use sdk = docker, or remove image")
            )
        }
        return errors
    }

    /// Returns the effective value of a setting with its origin; `nil` if it is not set.
    package func setting(_ key: String) -> ResolvedSetting? { resolvedSettings.last { $0.key == key } }

    /// Errors for names used by both a variable and a secret, which share one namespace on the Hub.
    private var configurationErrors: [SettingError] {
        let names = Set(variables.map(\.reference.name))
        return secrets.filter { names.contains($0.reference.name) }.map { secret in
            SettingError(
                secret.origin, key: "secret", value: secret.reference.name, "is also the name of a variable",
                hint: "remove one of them; use a variable only if everybody may read the value")
        }
    }

    /// Errors for content keys combined with `history = source`, each with its origin.
    var historyErrors: [SettingError] {
        guard pushesHistory else { return [] }
        return resolvedSettings.filter { $0.effect?.composesTree == true }.map { setting in
            SettingError(
                setting.origin, line: setting.line, key: setting.key, value: setting.value,
                "cannot be combined with history = source, which pushes commits unchanged",
                hint:
                    "remove it, clear the value from a file with an empty \(setting.key) =, or use history = snapshot"
            )
        }
    }

    /// Returns the source paths from which a path of the composed tree may come, most likely first.
    /// Content from elsewhere (`add`, a generated Dockerfile) is not distinguished.
    package func sourcePaths(of path: Path) -> [Path] {
        guard !pushesHistory else { return [path] }
        let fromDockerfile = path == "Dockerfile" ? [dockerfile].compactMap { $0 } : []
        let fromMaps = maps.reversed().flatMap { mapping -> [Path] in
            guard mapping.to.contains(path) else { return [] }
            let relativePath = Path(joining: path.names.dropFirst(mapping.to.names.count))
            let source =
                relativePath.isRoot
                ? mapping.from : Path(joining: mapping.from.names + relativePath.names)
            return mapping.destination(of: .root) == path ? [mapping.from, source] : [source]
        }
        return fromDockerfile + fromMaps + [Path(joining: root.names + path.names)]
    }

    /// Whether a push of one of these branches or tags deploys this target: the source is the
    /// repository, and its branch is among the names.
    /// - Parameter head: The branch that `HEAD` names, which applies if no branch is set.
    package func isBound(toAnyOf names: [String], head: String?) -> Bool {
        source == nil && !manual && (revision ?? head).map(names.contains) == true
    }

    /// The keys that select files and were given as flags, in alphabetical order.
    package var contentFlags: [String] {
        let keys = resolvedSettings.filter { $0.origin.isFlag && $0.effect?.selectsFiles == true }.map(\.key)
        return Set(keys).sorted()
    }

    /// The target with only the settings that shape the tree or the Space, without those that control
    /// the run: `visibility` as a flag is that of a Space that the push creates.
    package var withContentSettingsOnly: Target {
        var target = self
        target.resolvedSettings.removeAll { setting in
            setting.effect == .run || setting.origin.isFlag && setting.key == "visibility"
        }
        return target
    }
}

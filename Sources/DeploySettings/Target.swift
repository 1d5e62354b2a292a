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

        /// The setting as it may be shown and stored: `KEY = VALUE`. The path of `notify` is
        /// hidden, as everybody who knows the URL can post to it.
        package var shown: String {
            guard key == "notify", let url = try? RemoteURL(value) else {
                return "\(key) = \(value.redactingURLs)"
            }
            return "\(key) = \(url.origin)/…"
        }
    }

    /// Whether binary and large files are stored with Git LFS.
    package var usesLFS: Bool { lfs == "auto" }

    func withSuggestion(_ suggestion: Sourced?) -> Target {
        var target = self
        target.suggestion = suggestion
        return target
    }

    /// The hint of an error message: `did you mean me/web (of .spacesync)?`
    package var suggestionHint: String? { suggestion.map { "did you mean \($0.value) (of \($0.origin))?" } }
}

/// A mapping `FROM:TO` of a source path to a Space path, both relative to the root.
package struct Mapping: Hashable, Sendable, CustomStringConvertible {
    package var from: Path
    package var to: Path
    /// Whether TO ends with a slash: FROM is placed inside TO (a file under its own name).
    package var intoDirectory: Bool
    package let description: String

    package init?(_ text: String) {
        let halves = text.split(separator: ":", omittingEmptySubsequences: false)
        guard halves.count == 2, !halves[0].isEmpty, let from = Path(tidy: halves[0]) else { return nil }
        guard let to = Path(tidy: halves[1]), !halves[1].isEmpty else { return nil }
        (self.from, self.to, description) = (from, to, text)
        intoDirectory = halves[1].hasSuffix("/")
    }

    /// Returns the destination of a path that is relative to FROM; the root path stands for FROM
    /// itself, a file.
    package func destination(of path: Path) -> Path {
        guard path.isRoot else { return to.appending(inside: path) }
        return intoDirectory || to.isRoot ? to.appending(from.name) : to
    }
}

/// A mapping of a source branch to a Space branch, `source:space` like a refspec; either half may
/// be missing.
package struct BranchMapping: Hashable, Sendable {
    package var source: String?
    package var space: String

    package init?(_ text: String) {
        let halves = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map {
            String($0)
        }
        let source = halves.first ?? ""
        let space = halves.count == 2 ? halves[1] : "main"
        self.source = source.isEmpty || source == "HEAD" ? nil : Self.shortName(source)
        self.space = Self.shortName(space.isEmpty ? "main" : space)
        guard Self.isRefName(self.space), self.source.map(Self.isRefName) ?? true else { return nil }
    }

    private static func shortName(_ name: String) -> String {
        name.hasPrefix("refs/heads/") ? String(name.dropFirst("refs/heads/".count)) : name
    }

    /// Returns whether the name is a valid ref name, by those rules of `git check-ref-format` that
    /// a typing error would break.
    private static func isRefName(_ name: String) -> Bool {
        let forbidden: Set<Character> = [" ", "~", "^", ":", "?", "*", "[", "\\"]
        let isPlain = name.unicodeScalars.allSatisfy { $0.value > 32 && $0.value != 127 }
        return isPlain && !name.contains { forbidden.contains($0) } && !name.contains("..")
            && !name.hasPrefix("-") && !name.hasPrefix("/") && !name.hasSuffix("/")
            && !name.hasSuffix(".lock")
    }
}

extension Target {
    /// Whether the source's own commits are pushed instead of snapshot commits (`history = source`).
    package var pushesHistory: Bool { history == "source" }

    /// Keys that determine or change the content of the tree. They cannot apply if the source's
    /// commits are pushed unchanged.
    package static let contentKeys: Set<String> = [
        "root", "include", "exclude", "map", "add", "keep", "sdk", "dockerfile", "image", "pin", "template",
        "env",
        "command", "port", "card", "cardFile", "lfs",
    ]

    /// Errors for content keys combined with `history = source`, each with its origin.
    var historyErrors: [SettingError] {
        guard pushesHistory else { return [] }
        return resolvedSettings.filter { Self.contentKeys.contains($0.key) }.map { setting in
            SettingError(
                setting.origin, line: setting.line, key: setting.key, value: setting.value,
                "does not go with history = source, which pushes commits as they are",
                hint:
                    "leave it out, clear what a file says by an empty \(setting.key) =, or deploy snapshots: history = snapshot"
            )
        }
    }
}

extension Target {
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
}

import DockerSyntax
import SpacesModel
import TextTools

/// One Space and what is deployed to it: a `[space "owner/name"]` section with defaults and flags merged in.
package struct Target: Hashable, Sendable {
    package var space: SpaceID
    /// As written; nil: the repository the settings are in.
    package var source: Sourced?
    /// Branch, tag or commit of the source; nil: HEAD.
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
    /// A layered build is made on this.
    package var image: ImageReference?
    package var pin = true
    package var template: Template?
    package var env: [ContainerSettings.Variable] = []
    package var command: String?
    package var port: Int?
    /// `KEY: VALUE` of the card.
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
    /// Patterns of files that may hold what looks like a credential.
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
    /// A Space of the settings that may be meant instead, where they do not name this one.
    package var suggestion: Sourced?
    /// Every setting in force, in the order of `SettingKey.all`, with where it was written.
    package var resolvedSettings: [ResolvedSetting] = []

    package init(space: SpaceID) { self.space = space }

    /// A value together with where it was written: a relative path is relative to that.
    package struct Sourced: Hashable, Sendable {
        package var value: String
        package var origin: SettingOrigin
    }

    /// A variable or secret, and where it was written: the path of a file is relative to that.
    package struct ConfiguredVariable: Hashable, Sendable {
        package var reference: ValueReference
        package var origin: SettingOrigin
    }

    package struct ResolvedSetting: Hashable, Sendable {
        package var key: String
        package var value: String
        package var origin: SettingOrigin
        package var line: Int?

        /// `KEY = VALUE` as it may be shown and stored. Who has the URL of `notify` may write there.
        package var shown: String {
            guard key == "notify", let url = try? RemoteURL(value) else {
                return "\(key) = \(value.redactingURLs)"
            }
            return "\(key) = \(url.origin)/…"
        }
    }

    /// What is binary or large goes by LFS.
    package var usesLFS: Bool { lfs == "auto" }

    func withSuggestion(_ suggestion: Sourced?) -> Target {
        var target = self
        target.suggestion = suggestion
        return target
    }

    /// `did you mean me/web (of .spacesync)?`
    package var suggestionHint: String? { suggestion.map { "did you mean \($0.value) (of \($0.origin))?" } }
}

/// `FROM:TO`, both relative to the top: of the repository, and of the Space.
package struct Mapping: Hashable, Sendable, CustomStringConvertible {
    package var from: Path
    package var to: Path
    /// TO was written with a slash at its end: FROM goes into it (a file under its own name).
    package var intoDirectory: Bool
    package let description: String

    package init?(_ text: String) {
        let halves = text.split(separator: ":", omittingEmptySubsequences: false)
        guard halves.count == 2, !halves[0].isEmpty, let from = Path(tidy: halves[0]) else { return nil }
        guard let to = Path(tidy: halves[1]), !halves[1].isEmpty else { return nil }
        (self.from, self.to, description) = (from, to, text)
        intoDirectory = halves[1].hasSuffix("/")
    }

    /// Where it puts what lies at a path inside FROM; FROM itself, a file, is the root.
    package func destination(of path: Path) -> Path {
        guard path.isRoot else { return to.appending(inside: path) }
        return intoDirectory || to.isRoot ? to.appending(from.name) : to
    }
}

/// `source:space`, as git writes a refspec; either half may be missing.
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

    /// The rules of `git check-ref-format` that a typing error would break.
    private static func isRefName(_ name: String) -> Bool {
        let forbidden: Set<Character> = [" ", "~", "^", ":", "?", "*", "[", "\\"]
        let isPlain = name.unicodeScalars.allSatisfy { $0.value > 32 && $0.value != 127 }
        return isPlain && !name.contains { forbidden.contains($0) } && !name.contains("..")
            && !name.hasPrefix("-") && !name.hasPrefix("/") && !name.hasSuffix("/")
            && !name.hasSuffix(".lock")
    }
}

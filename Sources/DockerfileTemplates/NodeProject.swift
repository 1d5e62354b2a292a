import SpacesModel
import TextTools

/// What the files in its root tell of a Node app.
package struct NodeProject {
    /// What installs its packages: by its lock file.
    enum PackageManager: String, Hashable { case npm, yarn, berry, pnpm, bun }

    let source: TemplateSource
    let manifest: JSON
    let manager: PackageManager
    let lockFile: String?
    let version: TemplateVersion

    package static let markerFiles = ["package.json"]
    private static let lockFiles: [(name: String, manager: PackageManager)] = [
        ("package-lock.json", .npm), ("npm-shrinkwrap.json", .npm), ("yarn.lock", .yarn),
        ("pnpm-lock.yaml", .pnpm),
        ("bun.lock", .bun), ("bun.lockb", .bun),
    ]

    static func files(among names: Set<String>) -> [String] {
        ["package.json", ".nvmrc", ".node-version"].filter(names.contains)
    }

    /// - Throws: `.settings` for a `package.json` that is missing, no JSON, or beyond a limit.
    init(_ source: TemplateSource) throws(DeployError) {
        let manifest = try Self.manifest(source)
        let found = Self.lockFiles.first { source.names.contains($0.name) }
        (self.source, self.manifest, lockFile) = (source, manifest, found?.name)
        let named = manifest["packageManager"].string ?? ""
        let isBerry =
            source.names.contains(".yarnrc.yml") || (named.hasPrefix("yarn@") && !named.hasPrefix("yarn@1"))
        let wanted: PackageManager =
            named.hasPrefix("pnpm") ? .pnpm : named.hasPrefix("bun") ? .bun : isBerry ? .berry : .npm
        let byLock = found.map { $0.manager == .yarn && isBerry ? .berry : $0.manager }
        manager = byLock ?? (named.hasPrefix("yarn@1") ? .yarn : wanted)
        version = Self.version(source, manifest["engines"]["node"].string)
    }

    private static func manifest(_ source: TemplateSource) throws(DeployError) -> JSON {
        var state =
            source.names.contains("package.json")
            ? "package.json in the root is no JSON object" : "there is no package.json in the root"
        do throws(JSON.ParseError) {
            if let bytes = source.contents["package.json"] {
                let manifest = try JSON.parse(bytes)
                if manifest.object != nil { return manifest }
            }
        } catch {
            if let excess = error.exceededLimit { state = "package.json in the root is not read: \(excess)" }
        }
        throw DeployError(.settings, "template = node: \(state)")
    }

    func script(_ name: String) -> String? { manifest["scripts"][name].string }

    /// Names the package manager and its version itself, for corepack.
    var pinsPackageManager: Bool { manifest["packageManager"].string?.contains("@") == true }

    /// Installing runs something of the source, or needs other files of it.
    var installNeedsSource: Bool {
        let hooks = ["preinstall", "install", "postinstall", "prepare"]
        let tables = ["dependencies", "devDependencies", "optionalDependencies"].compactMap {
            manifest[$0].object
        }
        let isLocal = tables.flatMap(\.values).contains { value in
            ["file:", "link:", "workspace:", "patch:", "./", "../"].contains {
                value.string?.hasPrefix($0) == true
            }
        }
        let others = ["pnpm-workspace.yaml", ".pnpmfile.cjs"].contains(where: source.names.contains)
        return isLocal || others || !manifest["workspaces"].isNull || hooks.contains { script($0) != nil }
    }

    private static let defaultVersion = "22"
    private static let knownVersions = [22, 24, 20, 18, 16]
    private static let codenames = ["hydrogen": 18, "iron": 20, "jod": 22, "krypton": 24]

    private static func version(_ source: TemplateSource, _ range: String?) -> TemplateVersion {
        for name in [".nvmrc", ".node-version"] {
            let line = source.lines(name).map(\.trimmed).first { !$0.isEmpty && !$0.hasPrefix("#") } ?? ""
            let number = line.drop { $0 == "v" }.prefix { $0.isASCII && $0.isNumber }
            let long = codenames[String(line.lowercased().split(separator: "/").last ?? "")]
            guard let major = long ?? Int(number), (10...60).contains(major) else { continue }
            return TemplateVersion(text: "\(major)", reason: "Node \(major), as \(name) says")
        }
        guard let range, let wanted = VersionRange(range) else {
            return TemplateVersion(
                text: defaultVersion, reason: "Node \(defaultVersion), as nothing asks for another")
        }
        guard let major = knownVersions.first(where: { wanted.contains([$0]) }) else {
            return TemplateVersion(
                text: defaultVersion,
                reason: "Node \(defaultVersion), as no version with long support is \(range)")
        }
        return TemplateVersion(text: "\(major)", reason: "Node \(major), as engines says \(range)")
    }
}

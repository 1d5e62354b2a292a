import SpacesModel
import TextTools

/// A Node app, as its root files describe it.
package struct NodeProject {
    /// The package manager, chosen by the lock file.
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

    /// - Throws: `DeployError` of kind `.settings` if `package.json` is missing, not a JSON object,
    ///   or exceeds a limit.
    init(_ source: TemplateSource) throws(DeployError) {
        let manifest = try Self.manifest(source)
        let lockEntry = Self.lockFiles.first { source.names.contains($0.name) }
        (self.source, self.manifest, lockFile) = (source, manifest, lockEntry?.name)
        let declaredManager = manifest["packageManager"].string ?? ""
        let isBerry =
            source.names.contains(".yarnrc.yml")
            || (declaredManager.hasPrefix("yarn@") && !declaredManager.hasPrefix("yarn@1"))
        let defaultManager: PackageManager =
            declaredManager.hasPrefix("pnpm")
            ? .pnpm : declaredManager.hasPrefix("bun") ? .bun : isBerry ? .berry : .npm
        let lockManager = lockEntry.map { $0.manager == .yarn && isBerry ? .berry : $0.manager }
        manager = lockManager ?? (declaredManager.hasPrefix("yarn@1") ? .yarn : defaultManager)
        version = Self.version(source, manifest["engines"]["node"].string)
    }

    private static func manifest(_ source: TemplateSource) throws(DeployError) -> JSON {
        var problem =
            source.names.contains("package.json")
            ? "package.json in the root is not a JSON object" : "the root has no package.json"
        do throws(JSON.ParseError) {
            if let bytes = source.contents["package.json"] {
                let manifest = try JSON.parse(bytes)
                if manifest.object != nil { return manifest }
            }
        } catch {
            if let limit = error.exceededLimit { problem = "package.json in the root is too large: \(limit)" }
        }
        throw DeployError(.settings, "template = node: \(problem)")
    }

    func script(_ name: String) -> String? { manifest["scripts"][name].string }

    /// Whether `package.json` pins the package manager and its version, for corepack.
    var pinsPackageManager: Bool { manifest["packageManager"].string?.contains("@") == true }

    /// Whether the installation runs scripts of the source or needs other files of it.
    var installNeedsSource: Bool {
        let hooks = ["preinstall", "install", "postinstall", "prepare"]
        let tables = ["dependencies", "devDependencies", "optionalDependencies"].compactMap {
            manifest[$0].object
        }
        let isLocal = tables.flatMap { $0.map(\.value) }.contains { value in
            ["file:", "link:", "workspace:", "patch:", "./", "../"].contains {
                value.string?.hasPrefix($0) == true
            }
        }
        let hasManagerFiles = ["pnpm-workspace.yaml", ".pnpmfile.cjs"].contains(where: source.names.contains)
        return isLocal || hasManagerFiles || !manifest["workspaces"].isNull
            || hooks.contains { script($0) != nil }
    }

    private static let defaultVersion = "22"
    private static let knownVersions = [22, 24, 20, 18, 16]
    private static let codenames = ["hydrogen": 18, "iron": 20, "jod": 22, "krypton": 24]

    private static func version(_ source: TemplateSource, _ range: String?) -> TemplateVersion {
        for name in [".nvmrc", ".node-version"] {
            let line = source.lines(name).map(\.trimmed).first { !$0.isEmpty && !$0.hasPrefix("#") } ?? ""
            let number = line.drop { $0 == "v" }.prefix { $0.isASCII && $0.isNumber }
            let codenameVersion = codenames[String(line.lowercased().split(separator: "/").last ?? "")]
            guard let major = codenameVersion ?? Int(number), (10...60).contains(major) else { continue }
            return TemplateVersion(text: "\(major)", reason: "Node \(major) (from \(name))")
        }
        guard let range, let versions = VersionRange(range) else {
            return TemplateVersion(
                text: defaultVersion, reason: "Node \(defaultVersion) (the default)")
        }
        guard let major = knownVersions.first(where: { versions.contains([$0]) }) else {
            return TemplateVersion(
                text: defaultVersion,
                reason: "Node \(defaultVersion) (the default: no LTS version matches \(range))")
        }
        return TemplateVersion(text: "\(major)", reason: "Node \(major) (engines is \(range))")
    }
}

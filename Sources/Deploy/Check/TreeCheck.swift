import DockerSyntax
import DockerfileTemplates
import FrontMatter
import GitPatterns
import SpacesModel
import TextTools

/// Checks a tree for everything that the Hub would refuse or fail to build or start (design 4.4,
/// hub-api.md 2.4). Findings that depend on something unknown here are warnings, or are omitted.
package struct TreeCheck: Sendable {
    let listing: FileListing
    let contents: [Path: [UInt8]]
    let card: CardDocument
    /// Whether binary and large files are sent by LFS.
    let sendsLFS: Bool

    /// - Parameter contents: the contents of the files for which `reads(_:)` is true, as far as
    ///   they are in the tree.
    package init(_ listing: FileListing, contents: [Path: [UInt8]], sendsLFS: Bool = false) {
        (self.listing, self.contents, self.sendsLFS) = (listing, contents, sendsLFS)
        card = Card.read(contents["README.md"] ?? [])
    }

    /// Whether the check reads the content of this file.
    package static func reads(_ path: Path) -> Bool {
        let rootFiles: Set<Path> = ["README.md", "Dockerfile", ".dockerignore", "Dockerfile.dockerignore"]
        return rootFiles.contains(path) || path.name == ".gitattributes"
    }

    package func findings() -> [Finding] {
        (cardFindings + startFindings + limitFindings
            + HubPushRules(listing, attributes: attributes, sendsLFS: sendsLFS).findings
            + SymlinkRules(listing).findings)
            .sortedUnique
    }

    private var cardFindings: [Finding] {
        card.problems().map { cardFinding(.error, $0) } + card.warnings().map { cardFinding(.warning, $0) }
    }

    private func cardFinding(_ severity: Finding.Severity, _ problem: CardError) -> Finding {
        Finding(
            severity, "README.md", line: problem.line, .card, problem.reason,
            fix: problem.key.map { "fix the front matter, or set the key: card = \($0): VALUE" }
                ?? "fix the front matter: the Hub stops a Space with an invalid card")
    }

    /// The SDK of the Space: the card's, otherwise docker if there is a Dockerfile.
    var sdk: String? { card.value(of: "sdk") ?? (listing.files["Dockerfile"] == nil ? nil : "docker") }

    /// The port that the Hub connects to.
    var appPort: Int { card.value(of: "app_port").flatMap { Int($0) } ?? 7860 }

    private var startFindings: [Finding] {
        switch sdk {
        case "docker": return dockerFindings
        case "gradio": return missingAppFile("app.py", example: "app.py")
        case "static" where card.value(of: "app_build_command") == nil:
            return missingAppFile("index.html", example: "page.html")
        default: return []
        }
    }

    private func missingAppFile(_ defaultPath: String, example: String) -> [Finding] {
        let appFile = card.value(of: "app_file")
        guard let path = Path(tidy: appFile ?? defaultPath), listing.files[path] == nil else { return [] }
        let suggestion = nearest(path, among: listing.files.keys.sorted()).map { "did you mean \($0)?" }
        let fix = suggestion ?? "add the file, or set card = app_file: \(example)"
        return [
            Finding(
                .error, "README.md", line: card.line(of: "app_file"), .appFile,
                "app_file \(path) is not in the tree; the Space would stay at NO_APP_FILE", fix: fix)
        ]
    }

    private var dockerFindings: [Finding] {
        guard let bytes = contents["Dockerfile"] else { return missingDockerfile }
        let dockerfile = Dockerfile.read(bytes)
        let ignored = contents["Dockerfile.dockerignore"] ?? contents[".dockerignore"] ?? []
        let ignore = DockerIgnore(ignored)
        // The ignored paths are unknown then.
        guard ignore.exceededLimit == nil else { return dockerfile.findings }
        let context = BuildContext(listing, ignoring: ignore)
        return dockerfile.findings + CopyInstructionRules(dockerfile, context).findings
            + ListenAddressRules(dockerfile, appPort: appPort, listing).findings
    }

    /// Findings on files that exceed a size limit and are not read.
    private var limitFindings: [Finding] {
        contents.compactMap { path, bytes in
            let isIgnore = path == ".dockerignore" || path == "Dockerfile.dockerignore"
            let reason =
                if isIgnore {
                    DockerIgnore(bytes).exceededLimit
                } else if path.name == ".gitattributes" { LFSAttributes.exceededLimit(bytes) } else {
                    nil as String?
                }
            return reason.map {
                Finding(
                    .error, path, isIgnore ? .copySource : .lfsAttribute, $0,
                    fix: "shorten it: list directories instead of single files")
            }
        }
    }

    private var missingDockerfile: [Finding] {
        guard listing.files["Dockerfile"] == nil else { return [] }
        let suggestion = nearest("Dockerfile", among: listing.files.keys.sorted())
        let fix = suggestion.map { "the Hub reads only /Dockerfile; to use this one, set dockerfile = \($0)" }
        return [
            Finding(
                .error, "Dockerfile", .dockerfileMissing,
                "the tree has no Dockerfile; a docker Space without one stays at NO_APP_FILE",
                fix: fix
                    ?? "add one; or set dockerfile = PATH, image = NAME:TAG, or template = python, command = python FILE; or set another sdk"
            )
        ]
    }

    /// The rules of all `.gitattributes`, by directory.
    private var attributes: LFSAttributes {
        LFSAttributes(contents.filter { $0.key.name == ".gitattributes" })
    }
}

extension Dockerfile {
    /// Errors that BuildKit would report, and base images that can change between builds.
    fileprivate var findings: [Finding] {
        let syntaxFindings = problems.map { problem in
            Finding(
                problem.isCertain ? .error : .warning, "Dockerfile", line: problem.line, .dockerfileSyntax,
                problem.reason, fix: problem.fix)
        }
        return syntaxFindings + baseImages.compactMap { unresolvedBaseImage($0) ?? unpinnedBaseImage($0) }
    }

    /// Returns a finding for a base image that only a variable of the Space can set.
    private func unresolvedBaseImage(_ image: DockerImage) -> Finding? {
        guard !image.isKnown, image.name.containsUTF8(BaseImageArgument.name) else { return nil }
        let name = BaseImageArgument.name
        return Finding(
            .warning, "Dockerfile", line: image.line, .baseImage,
            "the base image \(image.name) has no value unless the Space has a variable \(name)",
            fix: "set image = NAME:TAG, or write ARG \(name)=NAME:TAG")
    }

    private func unpinnedBaseImage(_ image: DockerImage) -> Finding? {
        guard image.isKnown, !image.isPinned, image.tag == nil || image.tag == "latest",
            !image.name.hasPrefix("registry.hf.space/")
        else { return nil }
        let problem = image.tag == nil ? "has no tag, which means latest" : "has the tag latest"
        return Finding(
            .warning, "Dockerfile", line: image.line, .baseImage, "the base image \(image.name) \(problem)",
            fix: "use a version tag, so that a rebuild uses the same image")
    }
}

/// Checks for broken symbolic links and for submodules.
struct SymlinkRules {
    private let listing: FileListing

    private let suggestions: Suggestions

    init(_ listing: FileListing) {
        self.listing = listing
        suggestions = Suggestions { listing.files.keys.sorted() }
    }

    var findings: [Finding] {
        listing.files.compactMap { path, file in
            switch file.kind {
            case .symlink: file.link.flatMap { brokenLink($0, from: path) }
            case .submodule:
                Finding(
                    .warning, path, .submodule,
                    "submodule: the Hub is reported to clone it (not verified for docker Spaces)",
                    fix:
                        "to be sure, copy its files into the source; to remove it, set exclude = \(path.pattern)"
                )
            default: nil
            }
        }
    }

    private func brokenLink(_ link: Path, from path: Path) -> Finding? {
        guard link.bytes.first != .slash, let target = Self.resolved(link, from: path.parent) else {
            return Finding(
                .warning, path, .symlink, "points outside the tree, to \(link)",
                fix: "use a regular file, unless the target is created during the build")
        }
        let isBelowLink = target.levels.dropLast().contains { listing.files[$0]?.kind == .symlink }
        guard !listing.contains(target), !isBelowLink else { return nil }
        return Finding(
            .warning, path, .symlink, "points to \(target), which is not in the tree",
            fix: suggestions.nearest(target).map { "did you mean \($0)?" }
                ?? "add the target, or remove the link")
    }

    /// Returns the target of a link; `nil` if the link leads above the root.
    private static func resolved(_ link: Path, from directory: Path) -> Path? {
        var names = directory.names
        for name in link.names where name != "." {
            if name != ".." {
                names.append(name)
            } else if names.popLast() == nil {
                return nil
            }
        }
        return Path(joining: names)
    }
}

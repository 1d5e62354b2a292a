import DockerSyntax
import DockerfileTemplates
import FrontMatter
import GitPatterns
import SpacesModel
import TextTools

/// All that the Hub would refuse of a tree, or fail to build or start from it, said at once (design 4.4, hub-api 2.4).
/// What hangs on something that cannot be seen here is a warning, or nothing.
package struct TreeCheck: Sendable {
    let listing: FileListing
    let contents: [Path: [UInt8]]
    let card: CardDocument
    /// What is binary or large goes by LFS.
    let sendsLFS: Bool

    /// - Parameter contents: of the files that `wants` names, as far as they are there.
    package init(_ listing: FileListing, contents: [Path: [UInt8]], sendsLFS: Bool = false) {
        (self.listing, self.contents, self.sendsLFS) = (listing, contents, sendsLFS)
        card = Card.read(contents["README.md"] ?? [])
    }

    /// Whether the check reads this file.
    package static func reads(_ path: Path) -> Bool {
        let top: Set<Path> = ["README.md", "Dockerfile", ".dockerignore", "Dockerfile.dockerignore"]
        return top.contains(path) || path.name == ".gitattributes"
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
            fix: problem.key.map { "mend the front matter, or set the key: card = \($0): VALUE" }
                ?? "mend the front matter: the Hub would take the Space down with it")
    }

    /// The kind of Space: the card's, else docker when there is a Dockerfile.
    var sdk: String? { card.value(of: "sdk") ?? (listing.files["Dockerfile"] == nil ? nil : "docker") }

    /// Where the Hub looks for the app.
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
        let named = card.value(of: "app_file")
        guard let path = Path(tidy: named ?? defaultPath), listing.files[path] == nil else { return [] }
        let near = nearest(path, among: listing.files.keys.sorted()).map { "did you mean \($0)?" }
        let mend = near ?? "add it, or name the file: card = app_file: \(example)"
        return [
            Finding(
                .error, "README.md", line: card.line(of: "app_file"), .appFile,
                "app_file \(path) is not in the tree; the Space would stay at NO_APP_FILE", fix: mend)
        ]
    }

    private var dockerFindings: [Finding] {
        guard let bytes = contents["Dockerfile"] else { return missingDockerfile }
        let dockerfile = Dockerfile.read(bytes)
        let ignored = contents["Dockerfile.dockerignore"] ?? contents[".dockerignore"] ?? []
        let ignore = DockerIgnore(ignored)
        // What it leaves out is not known then.
        guard ignore.exceededLimit == nil else { return dockerfile.findings }
        let context = BuildContext(listing, ignoring: ignore)
        return dockerfile.findings + CopyInstructionRules(dockerfile, context).findings
            + ListenAddressRules(dockerfile, appPort: appPort, listing).findings
    }

    /// Files that are longer than they are read.
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
                    fix: "shorten it: name directories instead of single files")
            }
        }
    }

    private var missingDockerfile: [Finding] {
        guard listing.files["Dockerfile"] == nil else { return [] }
        let near = nearest("Dockerfile", among: listing.files.keys.sorted())
        let mend = near.map { "the Hub reads /Dockerfile alone; name this one: dockerfile = \($0)" }
        return [
            Finding(
                .error, "Dockerfile", .dockerfileMissing,
                "there is no Dockerfile in the tree, which a docker Space is built from; the Space would stay at NO_APP_FILE",
                fix: mend
                    ?? "add one, name one (dockerfile = PATH), an image (image = NAME:TAG) or what to start (template = python, command = python FILE), or set another sdk"
            )
        ]
    }

    /// The rules of every `.gitattributes`, by its directory.
    private var attributes: LFSAttributes {
        LFSAttributes(contents.filter { $0.key.name == ".gitattributes" })
    }
}

extension Dockerfile {
    /// What BuildKit would refuse, and images that change under the Space.
    fileprivate var findings: [Finding] {
        let refused = problems.map { problem in
            Finding(
                problem.isCertain ? .error : .warning, "Dockerfile", line: problem.line, .dockerfileSyntax,
                problem.reason, fix: problem.fix)
        }
        return refused + baseImages.compactMap { unresolvedBaseImage($0) ?? unpinnedBaseImage($0) }
    }

    /// Without a value of its own, only a variable of the Space can fill it.
    private func unresolvedBaseImage(_ image: DockerImage) -> Finding? {
        guard !image.isKnown, image.name.containsUTF8(BaseImageArgument.name) else { return nil }
        let name = BaseImageArgument.name
        return Finding(
            .warning, "Dockerfile", line: image.line, .baseImage,
            "the base image \(image.name) has no value, unless the Space has a variable \(name)",
            fix: "say which: image = NAME:TAG, or write ARG \(name)=NAME:TAG")
    }

    private func unpinnedBaseImage(_ image: DockerImage) -> Finding? {
        guard image.isKnown, !image.isPinned, image.tag == nil || image.tag == "latest",
            !image.name.hasPrefix("registry.hf.space/")
        else { return nil }
        let what = image.tag == nil ? "has no tag, which means latest" : "is the latest one"
        return Finding(
            .warning, "Dockerfile", line: image.line, .baseImage, "the base image \(image.name) \(what)",
            fix: "name a version, so that a rebuild gives the same image")
    }
}

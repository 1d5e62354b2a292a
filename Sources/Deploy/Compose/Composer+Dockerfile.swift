import DeploySettings
import DockerSyntax
import DockerfileTemplates
import GitPatterns
import SpacesModel
import TextTools

/// The Dockerfile of the new tree: the source's own, or one that is written for an image or by a template.
extension Composer {
    mutating func placeDockerfile(
        from top: TreeDraft, in draft: inout TreeDraft, _ cards: CardSources, over old: TreeDraft
    ) async throws(Failure) {
        if let path = target.dockerfile {
            guard let blob = try await file(at: path, in: top) else {
                throw await missing(path, key: "dockerfile", in: top)
            }
            draft["Dockerfile"] = .entry(.file, blob)
            reasons.note("Dockerfile", "from \(path)")
            try await convert("Dockerfile", in: &draft, over: old)
        } else if [nil, "docker"].contains(cards.sdk(target, completing: completed)) {
            try await takeOwnDockerfile(from: top, in: &draft, over: old)
        }
        let own = draft["Dockerfile"]?.blob
        if let image { return try await build(on: image, own, cards, in: &draft) }
        guard own == nil else { return try tellUnused("the source has a Dockerfile of its own") }
        guard !keepsTheirs(old) else { return try tellUnused("the Space's own Dockerfile is kept") }
        try await refuseOthers(in: draft, cards)
        try await writeFromTemplate(cards, in: &draft)
    }

    /// The Dockerfile under another spelling, or a Containerfile.
    private mutating func takeOwnDockerfile(
        from top: TreeDraft, in draft: inout TreeDraft, over old: TreeDraft
    ) async throws(Failure) {
        guard snapshot.promotion == nil, draft["Dockerfile"] == nil else { return }
        var findings: [Finding] = []
        let spelled = try await takeVariant(of: "Dockerfile", in: &draft, &findings)
        if case .entry(.symlink, _)? = draft["Dockerfile"] {
            try await follow("Dockerfile", spelled, from: top, in: &draft, &findings)
        }
        if let failure = Failure.preflight(findings, target.space) { throw failure }
        try await convert("Dockerfile", in: &draft, over: old)
    }

    /// A Dockerfile in another directory or with a suffix may be the right one, so no template is used instead.
    private func refuseOthers(in draft: TreeDraft, _ cards: CardSources) async throws(Failure) {
        guard target.template == nil, snapshot.promotion == nil,
            [nil, "docker"].contains(cards.sdk(target, completing: completed))
        else { return }
        let others = try await draft.paths(in: store).filter(\.isOtherDockerfile).sorted()
        guard let first = others.first else { return }
        let lines = others.prefix(20).map { "dockerfile = \(target.root.appending(inside: $0))" }
        throw Failure(
            .refused,
            "\(target.space): no Dockerfile at the root of the deployed files, only elsewhere",
            details: lines + (others.count > 20 ? ["… and \(others.count - 20) more"] : []),
            hint: "choose one: \(target.space.line("push")) --dockerfile "
                + "\(target.root.appending(inside: first))\nor set template = python (or node) to use a template"
        )
    }

    private func keepsTheirs(_ old: TreeDraft) -> Bool {
        !target.keep.isEmpty && old["Dockerfile"] != nil
            && PatternList(target.keep).includes("Dockerfile", isDirectory: false)
    }

    private mutating func build(
        on image: BaseImage, _ own: ObjectID?, _ cards: CardSources, in draft: inout TreeDraft
    ) async throws(Failure) {
        if let sdk = cards.said("sdk", target), target.sdk == nil, sdk != "docker" {
            throw Failure(
                .settings,
                "image = \(image.reference.familiar) makes a docker Space, but the card says sdk: \(sdk)",
                hint: "write sdk = docker beside it (or --sdk docker), or take image away")
        }
        let from = "image = \(image.reference.familiar)"
        guard let own else {
            let container = container(cards)
            try await write(ImageWrapper(image.written, container, origin: from).composed(), in: &draft)
            return reasons.note("Dockerfile", image.move ?? "written from \(from)")
        }
        try refuseContainer("the source has a Dockerfile of its own")
        try await write(
            BaseImageArgument.put(image.written, into: try await store.content(of: own)), in: &draft)
        let place = target.dockerfile.map { "from \($0); " } ?? ""
        reasons.note("Dockerfile", place + (image.move ?? "BASE_IMAGE by \(from)"))
    }

    private func write(_ dockerfile: [UInt8], in draft: inout TreeDraft) async throws(Failure) {
        draft["Dockerfile"] = .entry(.file, try await store.write(blob: dockerfile))
    }

    private mutating func writeFromTemplate(
        _ cards: CardSources, in draft: inout TreeDraft
    ) async throws(Failure) {
        let sdk = cards.sdk(target, completing: completed)
        if let sdk, sdk != "docker" { return try tellUnused("a \(sdk) Space has none", hasNone: true) }
        let root = TemplateRoot(draft)
        let choice = target.template.map { Template.Choice(template: $0, reason: "the settings say so") }
        let chosen = choice ?? Template.choose(among: root.names)
        guard let template = chosen.template else {
            let signs = PythonProject.signs + NodeProject.signs
            let isPage = root.names.contains("index.html") && root.names.isDisjoint(with: signs)
            return missingDockerfile = MissingDockerfile(reason: chosen.reason, isPage: isPage)
        }
        let source = try await root.read(for: template, in: store)
        if choice == nil, sdk == nil, let doubt = source.doubt(about: template) {
            return missingDockerfile = MissingDockerfile(reason: doubt, isGradio: template == .python)
        }
        do throws(Failure) {
            let written = try template.dockerfile(for: source, container(cards))
            try await write(written.bytes, in: &draft)
            reasons.note("Dockerfile", "written by template \(template.rawValue): \(chosen.reason)")
            let how = ([chosen.reason] + written.reasons).joined(separator: "; ")
            notes.append("wrote a Dockerfile by template \(template.rawValue): \(how)")
        } catch {
            // What nobody asked for does not fail, it is missing.
            guard choice == nil else { throw error }
            let reason = [error.message, error.hint].compactMap { $0 }.joined(separator: "; ")
            missingDockerfile = MissingDockerfile(reason: reason)
        }
    }

    private func container(_ cards: CardSources) -> ContainerSettings {
        let said = cards.value(of: "app_port", target, completing: completed).flatMap { Int($0) }
        return ContainerSettings(env: target.env, command: target.command, port: target.port ?? said ?? 7860)
    }

    /// No Dockerfile is written: a template is not needed, and what would stand in it has no place.
    private mutating func tellUnused(_ why: String, hasNone: Bool = false) throws(Failure) {
        try refuseContainer(why, hasNone: hasNone)
        guard let template = target.template else { return }
        notes.append("template = \(template.rawValue) is not needed: \(why)")
    }

    private func refuseContainer(_ why: String, hasNone: Bool = false) throws(Failure) {
        let found = target.effective.filter { ["env", "command", "port"].contains($0.key) }
        guard !found.isEmpty else { return }
        let keys = found.map(\.key).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        throw Failure(
            .settings, "\(keys.enumerated): no Dockerfile is written for \(target.space): \(why)",
            // A variable's value may be meant for nobody's eyes.
            details: found.map { "\($0.origin): \($0.key) = \($0.key == "env" ? "\($0.name)=…" : $0.value)" },
            hint: (hasNone ? "take them away" : "write them into that Dockerfile (ENV, CMD, EXPOSE)")
                + "; what the app reads from its environment can be set as a variable in the Space's settings on the Hub"
        )
    }
}

/// The files in the root of what is deployed, as a template looks at them.
struct TemplateRoot: Sendable {
    private let blobs: [String: ObjectID]

    init(_ draft: TreeDraft) {
        let files = draft.nodes.compactMap { name, node in node.blob.map { (name.description, $0) } }
        blobs = Dictionary(files) { first, _ in first }
    }

    var names: Set<String> { Set(blobs.keys) }

    /// An empty file is none. Files over 1 MiB are not read.
    func read(for template: Template, in store: some ObjectStoring) async throws(Failure) -> TemplateSource {
        var source = TemplateSource(names: names, contents: [:])
        for name in template.needs(among: names) {
            guard let blob = blobs[name], try await store.size(of: blob) <= 1 << 20 else { continue }
            let content = try await store.content(of: blob)
            if content.text.trimmed.isEmpty {
                source.names.remove(name)
            } else {
                source.contents[name] = content
            }
        }
        return source
    }
}

extension TemplateSource {
    /// What speaks against a docker Space where nobody says the kind.
    func doubt(about template: Template) -> String? {
        if template == .python, usesGradio {
            return
                "the app uses Gradio: sdk = gradio lets the Hub install it, sdk = docker writes a Dockerfile"
        }
        guard template == .node, names.contains("index.html") else { return nil }
        return
            "package.json and index.html are there: sdk = static serves the files, sdk = docker runs the package"
    }

    private var usesGradio: Bool {
        let isNamed = lines("requirements.txt").contains { $0.trimmed.lowercased().hasPrefix("gradio") }
        return isNamed
            || contents.keys.contains { $0.hasSuffix(".py") && PythonCode(text($0)).imports("gradio") }
    }
}

extension Finding {
    /// With the reason why no Dockerfile was written, where one is missing.
    func explained(_ missing: String?) -> Finding {
        guard rule == .dockerfileMissing, let missing else { return self }
        var finding = self
        finding.reason += "; none is written: \(missing)"
        return finding
    }
}

extension Target.Effective {
    /// Of `NAME=value`.
    fileprivate var name: Substring { value.prefix { $0 != "=" } }
}

extension Path {
    /// `docker/Dockerfile`, `Dockerfile.prod`, `web.Dockerfile`: not what the Hub builds. Hidden directories
    /// (`.devcontainer`) and dependencies are not meant for it at all.
    fileprivate var isOtherDockerfile: Bool {
        let (name, directories) = (name.description.lowercased(), parent.names.map(\.description))
        guard !directories.contains(where: { $0.hasPrefix(".") || ["node_modules", "vendor"].contains($0) })
        else {
            return false
        }
        if ["dockerfile", "containerfile"].contains(name) { return !directories.isEmpty }
        if name.hasSuffix(".dockerfile") { return name.count > 11 }
        guard name.hasPrefix("dockerfile.") || name.hasPrefix("containerfile.") else { return false }
        return ![".dockerignore", ".md", ".txt", ".rst"].contains { name.hasSuffix($0) }
    }
}

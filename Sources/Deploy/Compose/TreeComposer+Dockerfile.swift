import DeploySettings
import DockerSyntax
import DockerfileTemplates
import GitPatterns
import SpacesModel
import TextTools

/// The Dockerfile of the new tree: the source's own, or one that is generated for an image or from a
/// template.
extension TreeComposer {
    mutating func addDockerfile(
        from top: TreeBuilder, in draft: inout TreeBuilder, _ cards: CardSources, over old: TreeBuilder
    ) async throws(DeployError) {
        if let path = target.dockerfile {
            guard let blob = try await file(at: path, in: top) else {
                throw await missingPathError(path, key: "dockerfile", in: top)
            }
            draft["Dockerfile"] = .entry(.file, blob)
            reasons.record("Dockerfile", "from \(path)")
            try await convert("Dockerfile", in: &draft, over: old)
        } else if [nil, "docker"].contains(cards.sdk(target, completing: completedKeys)) {
            try await resolveDockerfileVariant(from: top, in: &draft, over: old)
        }
        let existing = draft["Dockerfile"]?.blob
        if let image { return try await writeDockerfile(on: image, existing, cards, in: &draft) }
        guard existing == nil else {
            return try recordUnusedTemplate("the source has its own Dockerfile")
        }
        guard !preservesSpaceDockerfile(old) else {
            return try recordUnusedTemplate("the Space's Dockerfile is kept")
        }
        try await rejectOtherDockerfiles(in: draft, cards)
        try await writeFromTemplate(cards, in: &draft)
    }

    /// Renames a Dockerfile with another spelling, or a Containerfile, and replaces a symbolic link
    /// by its file.
    private mutating func resolveDockerfileVariant(
        from top: TreeBuilder, in draft: inout TreeBuilder, over old: TreeBuilder
    ) async throws(DeployError) {
        guard snapshot.promotion == nil, draft["Dockerfile"] == nil else { return }
        var findings: [Finding] = []
        let sourceName = try await renameVariant(of: "Dockerfile", in: &draft, &findings)
        if case .entry(.symlink, _)? = draft["Dockerfile"] {
            try await replaceSymlink("Dockerfile", sourceName, from: top, in: &draft, &findings)
        }
        if let failure = DeployError.preflight(findings, target.space) { throw failure }
        try await convert("Dockerfile", in: &draft, over: old)
    }

    /// A Dockerfile in another directory or with a suffix may be the right one, so no template is used instead.
    private func rejectOtherDockerfiles(in draft: TreeBuilder, _ cards: CardSources) async throws(DeployError)
    {
        guard target.template == nil, snapshot.promotion == nil,
            [nil, "docker"].contains(cards.sdk(target, completing: completedKeys))
        else { return }
        let otherPaths = try await draft.paths(in: store).filter(Self.isOtherDockerfile).sorted()
        guard let first = otherPaths.first else { return }
        let lines = otherPaths.prefix(20).map { "dockerfile = \(target.root.appending(inside: $0))" }
        throw DeployError(
            .refused,
            "\(target.space): no Dockerfile at the root of the deployed files, only elsewhere",
            details: lines + (otherPaths.count > 20 ? ["… and \(otherPaths.count - 20) more"] : []),
            hint: "choose one: \(target.space.commandLine("push")) --dockerfile "
                + "\(target.root.appending(inside: first))\nor set template = python (or node) to use a template"
        )
    }

    private func preservesSpaceDockerfile(_ old: TreeBuilder) -> Bool {
        old["Dockerfile"] != nil && PatternList(target.keep).includes("Dockerfile", isDirectory: false)
    }

    private mutating func writeDockerfile(
        on image: BaseImage, _ existing: ObjectID?, _ cards: CardSources, in draft: inout TreeBuilder
    ) async throws(DeployError) {
        if let sdk = cards.declaredValue("sdk", target), target.sdk == nil, sdk != "docker" {
            throw DeployError(
                .settings,
                "image = \(image.reference.familiar) requires a docker Space, but the card has sdk: \(sdk)",
                hint: "set sdk = docker too (or use --sdk docker), or remove image")
        }
        let from = "image = \(image.reference.familiar)"
        guard let existing else {
            let container = containerSettings(cards)
            try await write(
                WrapperDockerfile(image.written, container, origin: from).makeDockerfile(), in: &draft)
            return reasons.record("Dockerfile", image.changeDescription ?? "generated from \(from)")
        }
        try rejectContainerSettings("the source has its own Dockerfile")
        try await write(
            BaseImageArgument.setDefault(image.written, into: try await store.content(of: existing)),
            in: &draft)
        let prefix = target.dockerfile.map { "from \($0); " } ?? ""
        reasons.record("Dockerfile", prefix + (image.changeDescription ?? "BASE_IMAGE from \(from)"))
    }

    private func write(_ dockerfile: [UInt8], in draft: inout TreeBuilder) async throws(DeployError) {
        draft["Dockerfile"] = .entry(.file, try await store.write(blob: dockerfile))
    }

    private mutating func writeFromTemplate(
        _ cards: CardSources, in draft: inout TreeBuilder
    ) async throws(DeployError) {
        let sdk = cards.sdk(target, completing: completedKeys)
        if let sdk, sdk != "docker" {
            return try recordUnusedTemplate("a \(sdk) Space has no Dockerfile", hasNoDockerfile: true)
        }
        let input = TemplateInput(draft)
        let configured = target.template.map {
            Template.Detection(template: $0, reason: "set in the settings")
        }
        let chosen = configured ?? Template.detect(among: input.names)
        guard let template = chosen.template else {
            let markers = PythonProject.markerFiles + NodeProject.markerFiles
            let isPage = input.names.contains("index.html") && input.names.isDisjoint(with: markers)
            return missingDockerfile = MissingDockerfile(reason: chosen.reason, isPage: isPage)
        }
        let source = try await input.read(for: template, in: store)
        if configured == nil, sdk == nil, let suggestion = source.suggestion(about: template) {
            return missingDockerfile = MissingDockerfile(reason: suggestion, isGradio: template == .python)
        }
        do throws(DeployError) {
            let generated = try template.dockerfile(for: source, containerSettings(cards))
            try await write(generated.bytes, in: &draft)
            reasons.record("Dockerfile", "generated from template \(template.rawValue): \(chosen.reason)")
            let explanation = ([chosen.reason] + generated.reasons).joined(separator: "; ")
            messages.append("generated a Dockerfile from template \(template.rawValue): \(explanation)")
        } catch {
            // A template that no setting requests must not fail the deploy: the Dockerfile counts as
            // missing.
            guard configured == nil else { throw error }
            let reason = [error.message, error.hint].compactMap { $0 }.joined(separator: "; ")
            missingDockerfile = MissingDockerfile(reason: reason)
        }
    }

    private func containerSettings(_ cards: CardSources) -> ContainerSettings {
        let cardPort = cards.value(of: "app_port", target, completing: completedKeys).flatMap { Int($0) }
        return ContainerSettings(
            env: target.env, command: target.command, port: target.port ?? cardPort ?? 7860)
    }

    /// Rejects settings of a generated Dockerfile, and reports that the `template` setting is not
    /// needed.
    private mutating func recordUnusedTemplate(_ why: String, hasNoDockerfile: Bool = false)
        throws(DeployError)
    {
        try rejectContainerSettings(why, hasNoDockerfile: hasNoDockerfile)
        guard let template = target.template else { return }
        messages.append("template = \(template.rawValue) is not needed: \(why)")
    }

    private func rejectContainerSettings(_ why: String, hasNoDockerfile: Bool = false) throws(DeployError) {
        let found = target.resolvedSettings.filter { $0.effect == .generatedDockerfile }
        guard !found.isEmpty else { return }
        let keys = found.map(\.key).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        throw DeployError(
            .settings, "\(keys.formattedList): no Dockerfile is generated for \(target.space): \(why)",
            // The value of a variable may be confidential.
            details: found.map { "\($0.origin): \($0.key) = \($0.key == "env" ? "\($0.name)=…" : $0.value)" },
            hint: (hasNoDockerfile ? "remove them" : "set them in that Dockerfile (ENV, CMD, EXPOSE)")
                + "; for the environment of the app, set a variable in the Space's settings on the Hub"
        )
    }

    /// Whether the path is a Dockerfile that the Hub does not build: `docker/Dockerfile`,
    /// `Dockerfile.prod`, `web.Dockerfile`. Files in hidden directories (`.devcontainer`) and
    /// dependencies do not count.
    private static func isOtherDockerfile(_ path: Path) -> Bool {
        let (name, directories) = (path.name.description.lowercased(), path.parent.names.map(\.description))
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

/// The files at the root of the deployed tree, as input for a template.
struct TemplateInput: Sendable {
    private let blobs: [String: ObjectID]

    init(_ draft: TreeBuilder) {
        let files = draft.nodes.compactMap { name, node in node.blob.map { (name.description, $0) } }
        blobs = Dictionary(files) { first, _ in first }
    }

    var names: Set<String> { Set(blobs.keys) }

    /// Reads the files that the template requires. Empty files count as missing; files over 1 MiB are
    /// not read.
    func read(for template: Template, in store: some ObjectDatabase) async throws(DeployError)
        -> TemplateSource
    {
        var source = TemplateSource(names: names, contents: [:])
        for name in template.requiredFiles(among: names) {
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
    /// Returns the sdk to choose instead of a docker Space if no `sdk` is set; `nil` if there is no
    /// doubt.
    func suggestion(about template: Template) -> String? {
        if template == .python, usesGradio {
            return
                "the app uses Gradio: with sdk = gradio the Hub installs it, with sdk = docker a Dockerfile is generated"
        }
        guard template == .node, names.contains("index.html") else { return nil }
        return
            "there are package.json and index.html: sdk = static serves the files, sdk = docker runs the package"
    }

    private var usesGradio: Bool {
        let isNamed = lines("requirements.txt").contains { $0.trimmed.lowercased().hasPrefix("gradio") }
        return isNamed
            || contents.keys.contains { $0.hasSuffix(".py") && PythonCode(text($0)).imports("gradio") }
    }
}

extension Finding {
    /// Returns the finding with the reason why no Dockerfile was generated, if it reports a missing
    /// Dockerfile.
    func addingReason(_ missing: String?) -> Finding {
        guard rule == .dockerfileMissing, let missing else { return self }
        var finding = self
        finding.reason += "; none is generated: \(missing)"
        return finding
    }
}

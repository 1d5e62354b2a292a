import DeploySettings
import DockerSyntax
import DockerfileTemplates
import FrontMatter
import SpacesModel
import TextTools

/// A detector of the settings that `init` writes: those that no flag gives, derived from the content
/// of the repository.
package struct TargetDetector: Sendable {
    /// The target as the flags describe it.
    let target: Target
    let snapshot: SourceSnapshot
    let store: any ObjectDatabase
    private let top: TreeBuilder

    /// Opens the root tree of the snapshot.
    /// - Parameter target: a target from flags alone.
    package init(_ target: Target, _ snapshot: SourceSnapshot, in store: any ObjectDatabase)
        async throws(DeployError)
    {
        (self.target, self.snapshot, self.store) = (target, snapshot, store)
        top = try await TreeBuilder(opening: snapshot.commit.tree, in: store)
    }

    /// Returns the setting lines that the flags do not give.
    /// - Throws: kind `settings` if the kind of Space cannot be detected.
    package func lines() async throws(DeployError) -> [SettingLine] {
        var lines: [SettingLine] = []
        if target.maps.isEmpty, target.dockerfile == nil { lines += [try await folder()].compactMap { $0 } }
        let card = try await cardSDK(lines)
        if lines.isEmpty, target.dockerfile == nil, target.maps.isEmpty, [nil, "docker"].contains(card) {
            lines += [try await dockerfile()].compactMap { $0 }
        }
        if target.sdk == nil, card == nil { lines += try await sdkLines(lines) }
        return lines
    }

    /// Returns a line for a folder made for the Hub: mapped onto the root, or only its Dockerfile;
    /// `nil` if there is no such folder.
    private func folder() async throws(DeployError) -> SettingLine? {
        for name in ["hf", "huggingface"] as [Path] {
            guard let folder = try await top.node(at: name, in: store)?.openDirectory(in: store) else {
                continue
            }
            if folder["Dockerfile"]?.blob != nil, folder.nodes.count == 1 {
                return SettingLine(
                    "dockerfile", "\(name)/Dockerfile", why: "\(name)/ contains a Dockerfile for the Hub")
            }
            guard folder["Dockerfile"] != nil || folder["README.md"] != nil else { continue }
            return SettingLine(
                "map", "\(name)/:/", why: "the files in \(name)/ are for the Hub and are copied over the root"
            )
        }
        return nil
    }

    /// Returns the `sdk` of the card: the card of a mapped folder takes precedence over the source's
    /// own.
    private func cardSDK(_ lines: [SettingLine]) async throws(DeployError) -> String? {
        let mappedReadme = mappedFolder(lines)?.appending("README.md")
        for path in [mappedReadme, target.root.appending("README.md")].compactMap({ $0 }) {
            guard let text = try await content(of: path) else { continue }
            return Card.read(text).value(of: "sdk")
        }
        return nil
    }

    private func mappedFolder(_ lines: [SettingLine]) -> Path? {
        let line = lines.first { $0.key == "map" }.flatMap { Mapping($0.value) }
        return (target.maps + [line].compactMap { $0 }).last { $0.to.isRoot }?.from
    }

    private func dockerfile() async throws(DeployError) -> SettingLine? {
        let hubNames = ["Dockerfile.hf", "Dockerfile.huggingface", "Dockerfile.spaces", "Dockerfile.space"]
        for path in hubNames.map({ target.root.appending(Path($0)) }) where try await containsFile(path) {
            return SettingLine("dockerfile", path.description, why: "the name shows that it is for the Hub")
        }
        guard try await !containsFile(target.root.appending("Dockerfile")) else { return nil }
        for path in ["deploy/Dockerfile", "docker/Dockerfile", ".docker/Dockerfile"] as [Path]
        where try await containsFile(path) {
            return SettingLine("dockerfile", path.description, why: "the Hub expects it at the root")
        }
        return nil
    }

    private func sdkLines(_ lines: [SettingLine]) async throws(DeployError) -> [SettingLine] {
        if target.image != nil {
            return [SettingLine("sdk", "docker", why: "the Space is built from an image")]
        }
        var paths = [target.root.appending("Dockerfile")]
        if let folder = mappedFolder(lines) { paths.append(folder.appending("Dockerfile")) }
        var isDocker = target.dockerfile != nil || lines.contains { $0.key == "dockerfile" }
        for path in paths where !isDocker { isDocker = try await containsFile(path) }
        if isDocker {
            return [SettingLine("sdk", "docker", why: "there is a Dockerfile")]
        }
        if target.template == nil, try await usesGradio() {
            return [SettingLine("sdk", "gradio", why: "app.py uses Gradio")]
        }
        if let lines = try await template() { return lines }
        if try await containsFile(target.root.appending("index.html")) {
            return [SettingLine("sdk", "static", why: "there is an index.html and no app to start")]
        }
        throw DeployError(
            .settings, "\(target.space): cannot detect the sdk of the Space",
            details: [
                "\(snapshot.branch ?? snapshot.commit.id.short) of \(snapshot.repository) has no Dockerfile, "
                    + "no Python or Node app that can be started, no index.html, and no README with sdk in its front matter"
            ],
            hint: "add one of them and commit it, or use --sdk docker, --dockerfile PATH or --root DIR")
    }

    /// Returns the lines for a docker Space whose Dockerfile is generated for the app at the root;
    /// `nil` if no template clearly fits.
    private func template() async throws(DeployError) -> [SettingLine]? {
        guard let root = try await top.node(at: target.root, in: store)?.openDirectory(in: store) else {
            return nil
        }
        let files = TemplateInput(root)
        let choice = Template.detect(among: files.names)
        guard let template = target.template ?? choice.template else { return nil }
        let source = try await files.read(for: template, in: store)
        let container = ContainerSettings(env: target.env, command: target.command)
        let isWritten = (try? template.dockerfile(for: source, container)) != nil
        guard isWritten, target.template != nil || source.suggestion(about: template) == nil else {
            return nil
        }
        let kind = SettingLine("sdk", "docker", why: "the Dockerfile is generated from the template")
        guard target.template == nil else { return [kind] }
        return [kind, SettingLine("template", template.rawValue, why: choice.reason)]
    }

    /// Returns whether the app uses Gradio. The Hub installs Gradio itself, so the requirements may
    /// not name it.
    private func usesGradio() async throws(DeployError) -> Bool {
        guard let app = try await content(of: target.root.appending("app.py")) else { return false }
        let requirements = try await content(of: target.root.appending("requirements.txt")) ?? []
        return Self.hasLine(in: requirements, startingWith: ["gradio"])
            || Self.hasLine(in: app, startingWith: ["import gradio", "from gradio"])
    }

    private static func hasLine(in text: [UInt8], startingWith prefixes: [String]) -> Bool {
        text.lines.contains { line in
            prefixes.contains { line.drop(while: \.isBlank).starts(with: $0.utf8) }
        }
    }

    private func containsFile(_ path: Path) async throws(DeployError) -> Bool {
        try await top.node(at: path, in: store)?.blob != nil
    }

    private func content(of path: Path) async throws(DeployError) -> [UInt8]? {
        guard let blob = try await top.node(at: path, in: store)?.blob else { return nil }
        guard try await store.size(of: blob) <= 1 << 20 else { return [] }
        return try await store.content(of: blob)
    }
}

/// A detector of the branch that is meant for the Hub.
package enum BranchDetector {
    private static let names = ["webai2hf", "hf", "huggingface", "hf-space", "space", "spaces"]

    /// Returns the `branch` line.
    /// - Parameters:
    ///   - known: the repository's branches and tags, `origin/…` with its prefix.
    ///   - current: the branch that is checked out; `nil` if none is.
    package static func line(among known: [String], current: String?) -> SettingLine? {
        let all = Set(known + known.map { $0.hasPrefix("origin/") ? String($0.dropFirst(7)) : $0 })
        if let name = names.first(where: all.contains) {
            return SettingLine("branch", "\(name):main", why: "the name shows that it is for the Hub")
        }
        return current.map { SettingLine("branch", "\($0):main", why: "the current branch") }
    }
}

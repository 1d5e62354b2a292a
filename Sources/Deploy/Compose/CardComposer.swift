import DeploySettings
import DockerSyntax
import FrontMatter
import SpacesModel

/// The reason why the tree has no Dockerfile and none was generated.
struct MissingDockerfile: Hashable, Sendable {
    var reason: String
    /// Whether the source has an HTML page and nothing that a template could start.
    var isPage = false
    /// Whether the source is a Gradio app.
    var isGradio = false
}

/// The README of the Space with its composed card, and the reasons for the keys that were set.
struct CardComposer: Sendable {
    let readme: [UInt8]
    /// The value of `sdk` in the card.
    let sdk: String
    /// Keys whose values come from the Space's card.
    let preservedKeys: [String]
    /// Which keys were set and why, for the plan; `nil` if the README is the source's own.
    let reason: String?

    /// - Parameters:
    ///   - dockerfile: the Dockerfile of the new tree.
    ///   - missing: why there is no Dockerfile.
    ///   - isNew: the Space does not exist yet.
    /// - Throws: kind `refused` if a card cannot be parsed (the preflight finds values that the Hub
    ///   would refuse); kind `settings` if neither a card nor a setting gives the `sdk`.
    init(
        _ target: Target, _ cards: CardSources, dockerfile: [UInt8]?, origin: String,
        completing keys: [String], missing: MissingDockerfile? = nil, isNew: Bool = false
    ) throws(DeployError) {
        if let path = target.cardFile, let file = cards.file { try Self.check(file, path, origin) }
        let (readme, changes) = try Self.compose(target, cards, dockerfile, origin, keys)
        let card = Card.read(readme)
        guard let sdk = card.value(of: "sdk") else { throw Self.missingSDK(target, missing) }
        (self.readme, self.sdk) = (readme, sdk)
        preservedKeys = changes.filter { $0.origin == .space }.map(\.key).sorted()
        let ownKeys = card.keys.filter { key in changes.first { $0.key == key }?.origin != .generated }
        let hubKeys = isNew ? Self.hubDefaultKeys.filter { !ownKeys.contains($0) } : []
        let otherChanges = changes.filter { !hubKeys.contains($0.key) }
        var reasons = otherChanges.isEmpty ? [] : [Self.summary(otherChanges, target)]
        if !hubKeys.isEmpty {
            reasons.append("\(hubKeys.joined(separator: ", ")) from the Hub's defaults")
        }
        reason = reasons.isEmpty ? nil : "front matter: " + reasons.joined(separator: "; ")
    }

    /// Card keys that the Hub sets in every new Space, with values of its own choice (hub-api.md
    /// 3.2).
    private static let hubDefaultKeys = ["title", "emoji", "colorFrom", "colorTo"]

    /// Returns a summary such as `title, emoji kept from the Space; sdk from the Dockerfile`.
    private static func summary(_ changes: [CardChange], _ target: Target) -> String {
        var groups: [(why: String, keys: [String])] = []
        for change in changes {
            let why = change.origin == .setting ? target.reason(forCard: change.key) : change.why
            if let index = groups.firstIndex(where: { $0.why == why }) {
                groups[index].keys.append(change.key)
            } else {
                groups.append((why, [change.key]))
            }
        }
        return groups.map { "\($0.keys.joined(separator: ", ")) \($0.why)" }.joined(separator: "; ")
    }

    private static func check(_ file: [UInt8], _ path: Path, _ origin: String) throws(DeployError) {
        guard let problem = ReadmeComposer.cardFile(file).problem else { return }
        throw DeployError(
            .refused, "cardFile = \(path): the file in \(origin) is not a valid card",
            details: ["\(path): \(problem)"],
            hint: "use KEY: VALUE lines of YAML, as in a README's front matter; fix it in the source")
    }

    private static func compose(
        _ target: Target, _ cards: CardSources, _ dockerfile: [UInt8]?, _ origin: String, _ keys: [String]
    ) throws(DeployError) -> (readme: [UInt8], changes: [CardChange]) {
        do {
            var settings: [CardSetting] = []
            for line in target.card { settings.append(try CardSetting(line)) }
            if let sdk = newSDK(target, cards) { settings.append(CardSetting(key: "sdk", string: sdk)) }
            if let port = newPort(target, cards) {
                settings.append(CardSetting(key: "app_port", raw: "\(port)"))
            }
            let declaredSDK = target.sdk ?? cards.declaredValue("sdk", target)
            let isDocker = declaredSDK == nil || declaredSDK == "docker"
            var composer = ReadmeComposer(
                source: cards.source, cardFile: cards.file, space: cards.space, settings: settings,
                sdk: dockerfile == nil ? nil : "docker",
                appPort: isDocker ? dockerfile.flatMap(Self.appPort) : nil, title: target.space.name)
            composer.inheritedKeys = keys
            return try composer.compose()
        } catch {
            throw DeployError(
                .refused, "the front matter of README.md in \(origin) is invalid",
                details: ["README.md: \(error)"],
                hint: "fix it in the source: the Hub stops a Space with an invalid card")
        }
    }

    /// Returns the `sdk` setting. With `image`, returns `docker` if only the Space's card names
    /// another kind.
    private static func newSDK(_ target: Target, _ cards: CardSources) -> String? {
        if let sdk = target.sdk { return sdk }
        guard target.image != nil, cards.declaredValue("sdk", target) == nil, let space = cards.space,
            let spaceSDK = Card.read(space).value(of: "sdk"), spaceSDK != "docker"
        else { return nil }
        return "docker"
    }

    /// Returns the `port` setting if only the Space's card names a port, and a different one.
    private static func newPort(_ target: Target, _ cards: CardSources) -> Int? {
        guard let port = target.port, cards.source == nil, let space = cards.space,
            cards.declaredValue("app_port", target) == nil
        else { return nil }
        return Card.read(space).value(of: "app_port").flatMap { Int($0) == port ? nil : port }
    }

    /// Returns the port that the Dockerfile exposes; `nil` if it is 7860, the card's default.
    private static func appPort(_ dockerfile: [UInt8]) -> Int? {
        let port = Dockerfile.read(dockerfile).exposedPort
        return port == 7860 ? nil : port
    }

    private static func missingSDK(_ target: Target, _ missing: MissingDockerfile?) -> DeployError {
        let suggested = missing?.isPage == true ? "static" : missing?.isGradio == true ? "gradio" : "docker"
        let kinds = [suggested] + ["docker", "gradio", "static"].filter { $0 != suggested }
        return DeployError(
            .settings, "\(target.space): no sdk is set (docker, gradio or static)",
            details: [
                "neither the README's card nor a setting contains the sdk, and the source has no Dockerfile"
            ]
                + [missing.map { "no Dockerfile is generated: \($0.reason)" }].compactMap { $0 },
            hint: target.space.commandLine("push")
                + " --sdk \(kinds[0])\nor use --sdk \(kinds[1]) or --sdk \(kinds[2]); or set sdk = \(kinds[0]) in its section"
        )
    }
}

/// The cards that the Space's card is composed from.
struct CardSources: Sendable {
    /// The README of the source, as it is in the new tree.
    var source: [UInt8]?
    /// The content of `cardFile`.
    var file: [UInt8]?
    /// The README of the Space.
    var space: [UInt8]?

    /// Returns the value of a key in the `card` setting, the source's README or `cardFile`, in that
    /// order; `nil` if none of them has the key.
    func declaredValue(_ key: String, _ target: Target) -> String? {
        let settings = target.card.compactMap { try? CardSetting($0) }
        if let setting = settings.last(where: { $0.key == key }) {
            return Card.read(Array("---\n\(key): \(setting.raw)\n---\n".utf8)).value(of: key)
        }
        if let value = Card.read(source ?? []).value(of: key) { return value }
        return file.flatMap { ReadmeComposer.cardFile($0).card.value(of: key) }
    }

    /// Returns the declared value of a key, or else the Space's value if the Space's card completes
    /// the key.
    func value(of key: String, _ target: Target, completing completedKeys: [String]) -> String? {
        if let declared = declaredValue(key, target) { return declared }
        guard let space, completes(key, completedKeys) else { return nil }
        return Card.read(space).value(of: key)
    }

    /// Whether the Space's card completes a key: all keys if the source has no card.
    private func completes(_ key: String, _ completedKeys: [String]) -> Bool {
        source == nil || (Card.read(source ?? []).keys.isEmpty && file == nil) || completedKeys.contains(key)
    }

    /// Returns the kind of Space; `nil` if no setting or card names it.
    func sdk(_ target: Target, completing completedKeys: [String]) -> String? {
        target.sdk ?? value(of: "sdk", target, completing: completedKeys)
    }
}

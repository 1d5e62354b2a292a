import DeploySettings
import DockerSyntax
import FrontMatter
import SpacesModel

/// Why there is no Dockerfile, and none was written.
struct MissingDockerfile: Hashable, Sendable {
    var reason: String
    /// There is a page and nothing that a template could start.
    var isPage = false
    /// What is there is a Gradio app.
    var isGradio = false
}

/// The README that the Space gets, and what is said of it.
struct CardComposer: Sendable {
    let readme: [UInt8]
    /// The kind of Space that the card names.
    let sdk: String
    /// Keys that the Space's card completed.
    let preservedKeys: [String]
    /// For the plan: which keys were set, and why; nil when the README is the source's own.
    let reason: String?

    /// - Parameters:
    ///   - dockerfile: the Dockerfile of the new tree.
    ///   - missing: why there is no Dockerfile.
    ///   - isNew: the Space is still to be made.
    /// - Throws: kind `refused` for a card that cannot be read (values that the Hub would refuse are the preflight's);
    ///   `settings` when nobody says what kind of Space it is.
    init(
        _ target: Target, _ cards: CardSources, dockerfile: [UInt8]?, origin: String,
        completing keys: [String], missing: MissingDockerfile? = nil, isNew: Bool = false
    ) throws(DeployError) {
        if let path = target.cardFile, let file = cards.file { try Self.check(file, path, origin) }
        let (readme, notes) = try Self.compose(target, cards, dockerfile, origin, keys)
        let card = Card.read(readme)
        guard let sdk = card.value(of: "sdk") else { throw Self.missingSDK(target, missing) }
        (self.readme, self.sdk) = (readme, sdk)
        preservedKeys = notes.filter { $0.origin == .space }.map(\.key).sorted()
        let own = card.keys.filter { key in notes.first { $0.key == key }?.origin != .generated }
        let given = isNew ? Self.hubDefaultKeys.filter { !own.contains($0) } : []
        let ours = notes.filter { !given.contains($0.key) }
        var words = ours.isEmpty ? [] : [Self.summary(ours, target)]
        if !given.isEmpty {
            words.append("\(given.joined(separator: ", ")) as the Hub gives them to a new Space")
        }
        reason = words.isEmpty ? nil : "front matter: " + words.joined(separator: "; ")
    }

    /// The Hub writes a card into every new Space (hub-api.md 3.2): what of it completes ours is its own choice.
    private static let hubDefaultKeys = ["title", "emoji", "colorFrom", "colorTo"]

    /// `title, emoji kept from the Space; sdk follows the Dockerfile`.
    private static func summary(_ changes: [CardChange], _ target: Target) -> String {
        var groups: [(why: String, keys: [String])] = []
        for note in changes {
            let why = note.origin == .setting ? target.reason(forCard: note.key) : note.why
            if let index = groups.firstIndex(where: { $0.why == why }) {
                groups[index].keys.append(note.key)
            } else {
                groups.append((why, [note.key]))
            }
        }
        return groups.map { "\($0.keys.joined(separator: ", ")) \($0.why)" }.joined(separator: "; ")
    }

    private static func check(_ file: [UInt8], _ path: Path, _ origin: String) throws(DeployError) {
        guard let problem = ReadmeComposer.cardFile(file).problem else { return }
        throw DeployError(
            .refused, "cardFile = \(path): the file in \(origin) is no card",
            details: ["\(path): \(problem)"],
            hint: "it holds KEY: VALUE lines of YAML, as a README's front matter does; mend it in the source")
    }

    private static func compose(
        _ target: Target, _ cards: CardSources, _ dockerfile: [UInt8]?, _ origin: String, _ keys: [String]
    ) throws(DeployError) -> (readme: [UInt8], notes: [CardChange]) {
        do {
            var settings: [CardSetting] = []
            for line in target.card { settings.append(try CardSetting(line)) }
            if let sdk = newSDK(target, cards) { settings.append(CardSetting(key: "sdk", string: sdk)) }
            if let port = newPort(target, cards) {
                settings.append(CardSetting(key: "app_port", raw: "\(port)"))
            }
            let named = target.sdk ?? cards.declaredValue("sdk", target)
            let isDocker = named == nil || named == "docker"
            var composition = ReadmeComposer(
                source: cards.source, cardFile: cards.file, space: cards.space, settings: settings,
                sdk: dockerfile == nil ? nil : "docker",
                appPort: isDocker ? dockerfile.flatMap(Self.appPort) : nil, title: target.space.name)
            composition.inheritedKeys = keys
            return try composition.compose()
        } catch {
            throw DeployError(
                .refused, "the front matter of README.md in \(origin) is broken",
                details: ["README.md: \(error)"],
                hint: "the Hub would take the Space down with it; mend it in the source")
        }
    }

    /// The `sdk` of the settings; an image means docker whatever the Space was.
    private static func newSDK(_ target: Target, _ cards: CardSources) -> String? {
        if let sdk = target.sdk { return sdk }
        guard target.image != nil, cards.declaredValue("sdk", target) == nil, let space = cards.space,
            let old = Card.read(space).value(of: "sdk"), old != "docker"
        else { return nil }
        return "docker"
    }

    /// The `port` of the settings, where nobody but the Space's card says another.
    private static func newPort(_ target: Target, _ cards: CardSources) -> Int? {
        guard let port = target.port, cards.source == nil, let space = cards.space,
            cards.declaredValue("app_port", target) == nil
        else { return nil }
        return Card.read(space).value(of: "app_port").flatMap { Int($0) == port ? nil : port }
    }

    /// The card's own default is 7860, so that needs no key.
    private static func appPort(_ dockerfile: [UInt8]) -> Int? {
        let port = Dockerfile.read(dockerfile).exposedPort
        return port == 7860 ? nil : port
    }

    private static func missingSDK(_ target: Target, _ missing: MissingDockerfile?) -> DeployError {
        let likely = missing?.isPage == true ? "static" : missing?.isGradio == true ? "gradio" : "docker"
        let kinds = [likely] + ["docker", "gradio", "static"].filter { $0 != likely }
        return DeployError(
            .settings, "\(target.space): is it a docker, gradio or static Space?",
            details: ["neither the README's card nor a setting names its sdk, and there is no Dockerfile"]
                + [missing.map { "none is written: \($0.reason)" }].compactMap { $0 },
            hint: target.space.commandLine("push")
                + " --sdk \(kinds[0])\nor \(kinds[1]), or \(kinds[2]); or write sdk = \(kinds[0]) in its section"
        )
    }
}

extension Target {
    /// Which setting put a key into the card: `set by --sdk`, `set by sdk`, `set by card`.
    fileprivate func reason(forCard key: String) -> String {
        let setting = key == "sdk" && sdk != nil ? "sdk" : "card"
        let origin = resolvedSettings.last { value in
            value.key == setting && (setting == "sdk" || value.value.hasPrefix(key))
        }?.origin
        guard case .flag(let flag)? = origin else { return "set by \(setting)" }
        return "set by " + (flag == "-c" ? "-c \(setting)" : flag)
    }
}

/// The README that the Space gets, and what is said of it.
struct CardComposition: Sendable {
    let readme: [UInt8]
    /// The kind of Space that the card names.
    let sdk: String
    /// Keys that the Space's card completed.
    let keptKeys: [String]
    /// For the plan: which keys were set, and why; nil when the README is the source's own.
    let why: String?

    /// - Parameters:
    ///   - dockerfile: the Dockerfile of the new tree.
    ///   - isNew: the Space is still to be made.
    /// - Throws: kind `refused` for a card that cannot be read (values that the Hub would refuse are the preflight's);
    ///   `settings` when nobody says what kind of Space it is.
    init(
        _ target: Target, source: [UInt8]?, space: [UInt8]?, dockerfile: [UInt8]?, origin: String,
        completing keys: [String], isNew: Bool = false
    ) throws(Failure) {
        let (readme, notes) = try Self.compose(target, source, space, dockerfile, origin, keys)
        let card = Card.read(readme)
        guard let sdk = card.value(of: "sdk") else { throw Self.missingSDK(target) }
        (self.readme, self.sdk) = (readme, sdk)
        keptKeys = notes.filter { $0.origin == .space }.map(\.key).sorted()
        let own = card.keys.filter { key in notes.first { $0.key == key }?.origin != .written }
        let given = isNew ? Self.givenToNew.filter { !own.contains($0) } : []
        let ours = notes.filter { !given.contains($0.key) }
        var words = ours.isEmpty ? [] : [Self.words(ours)]
        if !given.isEmpty {
            words.append("\(given.joined(separator: ", ")) as the Hub gives them to a new Space")
        }
        why = words.isEmpty ? nil : "front matter: " + words.joined(separator: "; ")
    }

    /// The Hub writes a card into every new Space (hub-api.md 3.2): what of it completes ours is its own choice.
    private static let givenToNew = ["title", "emoji", "colorFrom", "colorTo"]

    /// `title, emoji kept from the Space; sdk follows the Dockerfile`.
    private static func words(_ notes: [CardNote]) -> String {
        var groups: [(why: String, keys: [String])] = []
        for note in notes {
            if let index = groups.firstIndex(where: { $0.why == note.why }) {
                groups[index].keys.append(note.key)
            } else {
                groups.append((note.why, [note.key]))
            }
        }
        return groups.map { "\($0.keys.joined(separator: ", ")) \($0.why)" }.joined(separator: "; ")
    }

    private static func compose(
        _ target: Target, _ source: [UInt8]?, _ space: [UInt8]?, _ dockerfile: [UInt8]?, _ origin: String,
        _ keys: [String]
    ) throws(Failure) -> (readme: [UInt8], notes: [CardNote]) {
        do {
            var settings: [CardSetting] = []
            for line in target.card { settings.append(try CardSetting(line)) }
            if let sdk = target.sdk { settings.append(CardSetting(key: "sdk", string: sdk)) }
            let named = target.sdk ?? Card.read(source ?? []).value(of: "sdk")
            let isDocker = named == nil || named == "docker"
            var composition = ReadmeComposition(
                source: source, space: space, settings: settings, sdk: dockerfile == nil ? nil : "docker",
                appPort: isDocker ? dockerfile.flatMap(Self.appPort) : nil, title: target.space.name)
            composition.completed = keys
            return try composition.compose()
        } catch {
            throw Failure(
                .refused, "the front matter of README.md in \(origin) is broken",
                details: ["README.md: \(error)"],
                hint: "the Hub would take the Space down with it; mend it in the source")
        }
    }

    /// The card's own default is 7860, so that needs no key.
    private static func appPort(_ dockerfile: [UInt8]) -> Int? {
        let port = Dockerfile.read(dockerfile).exposedPort
        return port == 7860 ? nil : port
    }

    private static func missingSDK(_ target: Target) -> Failure {
        Failure(
            .settings, "\(target.space): is it a docker, gradio or static Space?",
            details: ["neither the README's card nor a setting names its sdk, and there is no Dockerfile"],
            hint:
                "spacesync push \(target.space) --sdk docker (or gradio, static), or sdk = docker in its section"
        )
    }
}

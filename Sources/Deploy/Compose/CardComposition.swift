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
    ///   - files: the new tree, to see whether what the card names is there.
    /// - Throws: kind `refused` for a card that the Hub would refuse or could not start, with all problems at once;
    ///   `settings` when nobody says what kind of Space it is.
    init(
        _ target: Target, source: [UInt8]?, space: [UInt8]?, dockerfile: [UInt8]?, origin: String,
        completing keys: [String]
    ) throws(Failure) {
        let (readme, notes) = try Self.compose(target, source, space, dockerfile, origin, keys)
        let card = Card.read(readme)
        let problems = card.problems()
        guard problems.isEmpty else {
            throw Failure(
                .refused, "the Hub would refuse the README of \(target.space): its front matter is wrong",
                details: problems.map { "README.md: \($0)" },
                hint: "mend it in the source, or set the key: card = KEY: VALUE")
        }
        guard let sdk = card.value(of: "sdk") else { throw Self.missingSDK(target) }
        (self.readme, self.sdk) = (readme, sdk)
        keptKeys = notes.filter { $0.origin == .space }.map(\.key).sorted()
        why = notes.isEmpty ? nil : "front matter: " + Self.words(notes)
    }

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
                appPort: isDocker ? dockerfile.flatMap(ExposedPort.read) : nil, title: target.space.name)
            composition.completed = keys
            return try composition.compose()
        } catch {
            throw Failure(
                .refused, "the front matter of README.md in \(origin) is broken",
                details: ["README.md: \(error)"],
                hint: "the Hub would take the Space down with it; mend it in the source")
        }
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

/// The one port that a Dockerfile exposes, where it is plain to see.
enum ExposedPort {
    /// The number of the last stage's only EXPOSE; nil when there is none, several, or one with a variable. The card's
    /// own default is 7860, so that needs no key.
    static func read(_ dockerfile: [UInt8]) -> Int? {
        var ports: [Int?] = []
        for line in dockerfile.split(separator: .newline) {
            let words = line.split { $0.isBlank || $0 == .carriageReturn }.map(\.text)
            switch words.first?.uppercased() {
            case "FROM": ports = []
            case "EXPOSE": ports += words.dropFirst().map(number)
            default: break
            }
        }
        guard ports.count == 1, let port = ports[0], port != 7860, (1...65_535).contains(port) else {
            return nil
        }
        return port
    }

    private static func number(_ word: String) -> Int? {
        Int(word.lowercased().hasSuffix("/tcp") ? String(word.dropLast(4)) : word)
    }
}

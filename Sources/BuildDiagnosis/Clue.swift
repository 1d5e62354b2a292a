import SpacesModel

/// Something that failing builds and apps say, and what it means.
struct Clue: Sendable {
    /// In lower case; any of them in a line makes it worth a look.
    let marks: [String]
    /// nil when it is not what it looked like.
    let find: @Sendable (Sighted) -> Explanation?

    init(_ marks: String..., find: @escaping @Sendable (Sighted) -> Explanation?) {
        (self.marks, self.find) = (marks, find)
    }

    /// Among clues in one line the first counts.
    static let all: [Clue] =
        hub + images + build + hashes + modules + syntax + python + node + services + nginx + access + system
        + browsers + models
}

/// A line that a clue speaks of, with those around it.
struct Sighted: Sendable {
    let symptoms: Symptoms
    private let lines: [SearchedLine]
    private let index: Int
    /// The app's last exception, or what came of it; in a build and in Node, whatever was said.
    let isAtFall: Bool
    /// The app is not answered, though it says where it listens.
    let isListening: Bool

    init(_ symptoms: Symptoms, _ lines: [SearchedLine], _ index: Int, fall: Int, isListening: Bool) {
        (self.symptoms, self.lines, self.index, self.isListening) = (symptoms, lines, index, isListening)
        isAtFall = index >= fall
    }

    var line: SearchedLine { lines[index] }
    var text: String { line.text }
    var space: SpaceID { symptoms.space }
    var isDocker: Bool { symptoms.sdk.map { $0 == "docker" } ?? true }

    /// The next lines, this one first.
    func following(_ count: Int) -> ArraySlice<SearchedLine> {
        lines[index..<min(lines.count, index + count)]
    }
    /// The lines before, the nearest last.
    func preceding(_ count: Int) -> ArraySlice<SearchedLine> { lines[max(0, index - count)..<index] }
    func near(_ marks: String..., within count: Int = 8) -> Bool {
        preceding(count).contains { $0.has(anyOf: marks) }
            || following(count).contains { $0.has(anyOf: marks) }
    }
    func anywhere(_ marks: String...) -> Bool { lines.contains { $0.has(anyOf: marks) } }

    /// How a Debian package gets into the image.
    func install(debian packages: String) -> String {
        isDocker
            ? "RUN apt-get update && apt-get install -y \(packages) in the Dockerfile"
            : "a line \(packages) in packages.txt"
    }

    /// How a name gets its value. What is not plainly harmless is a secret: everybody can read a variable.
    func give(_ name: String) -> String {
        guard Self.isHarmless(name) else {
            let open =
                SecretName.matches(name.utf8) ? "" : " (variable = \(name)=value if everybody may read it)"
            return
                "spacesync secrets set \(space) \(name)=env:\(name), or secret = \(name) of the target\(open)"
        }
        return "spacesync variables set \(space) \(name)=value, or variable = \(name)=value of the target"
    }

    private static func isHarmless(_ name: String) -> Bool {
        let last = name.split(separator: "_").last.map(String.init) ?? name
        return [
            "PORT", "HOST", "MODE", "DEBUG", "ENV", "ENVIRONMENT", "LEVEL", "LANG", "LANGUAGE", "LOCALE",
            "REGION",
            "MODEL", "NAME", "TIMEOUT", "WORKERS", "THREADS", "SIZE", "LIMIT", "DIR", "PATH", "TZ", "THEME",
            "VERSION",
        ].contains(last)
    }
}

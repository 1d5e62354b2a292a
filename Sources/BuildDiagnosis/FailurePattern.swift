import SpacesModel

/// Something that failing builds and apps say, and what it means.
struct FailurePattern: Sendable {
    /// In lower case; any of them in a line makes it worth a look.
    let markers: [String]
    /// nil when it is not what it looked like.
    let find: @Sendable (LogMatch) -> CauseCandidate?

    init(_ markers: String..., find: @escaping @Sendable (LogMatch) -> CauseCandidate?) {
        (self.markers, self.find) = (markers, find)
    }

    /// Among clues in one line the first counts.
    static let all: [FailurePattern] =
        hub + images + build + hashes + modules + syntax + python + node + services + nginx + access + system
        + browsers + models
}

/// A line that a clue speaks of, with those around it.
struct LogMatch: Sendable {
    let symptoms: FailureContext
    private let lines: [NormalizedLine]
    private let index: Int
    /// The app's last exception, or what came of it; in a build and in Node, whatever was said.
    let isAtFailure: Bool
    /// The app is not answered, though it says where it listens.
    let isListening: Bool

    init(
        _ symptoms: FailureContext, _ lines: [NormalizedLine], _ index: Int, failureStart: Int,
        isListening: Bool
    ) {
        (self.symptoms, self.lines, self.index, self.isListening) = (symptoms, lines, index, isListening)
        isAtFailure = index >= failureStart
    }

    var line: NormalizedLine { lines[index] }
    var text: String { line.text }
    var space: SpaceID { symptoms.space }
    var isDocker: Bool { symptoms.sdk.map { $0 == "docker" } ?? true }

    /// The next lines, this one first.
    func following(_ count: Int) -> ArraySlice<NormalizedLine> {
        lines[index..<min(lines.count, index + count)]
    }
    /// The lines before, the nearest last.
    func preceding(_ count: Int) -> ArraySlice<NormalizedLine> { lines[max(0, index - count)..<index] }
    func occursNearby(_ markers: String..., within count: Int = 8) -> Bool {
        preceding(count).contains { $0.has(anyOf: markers) }
            || following(count).contains { $0.has(anyOf: markers) }
    }
    func occursAnywhere(_ markers: String...) -> Bool { lines.contains { $0.has(anyOf: markers) } }

    /// How a Debian package gets into the image.
    func installHint(debian packages: String) -> String {
        isDocker
            ? "RUN apt-get update && apt-get install -y \(packages) in the Dockerfile"
            : "a line \(packages) in packages.txt"
    }

    /// How a name gets its value. What is not plainly harmless is a secret: everybody can read a variable.
    func assignmentHint(_ name: String) -> String {
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

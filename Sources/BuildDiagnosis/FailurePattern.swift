import SpacesModel

/// A pattern of log lines in failing builds and apps, and the cause that it indicates.
struct FailurePattern: Sendable {
    /// Lower-case substrings; a line that contains one of them is passed to `find`.
    let markers: [String]
    /// Returns the cause; `nil` if the line does not match after all.
    let find: @Sendable (LogMatch) -> CauseCandidate?

    init(_ markers: String..., find: @escaping @Sendable (LogMatch) -> CauseCandidate?) {
        (self.markers, self.find) = (markers, find)
    }

    /// If several patterns match one line, the first counts.
    static let all: [FailurePattern] =
        hub + images + build + hashes + modules + syntax + python + node + services + nginx + access + system
        + browsers + models
}

/// A log line that contains a marker of a pattern, with the lines around it.
struct LogMatch: Sendable {
    let symptoms: FailureContext
    private let lines: [NormalizedLine]
    private let index: Int
    /// Whether the line is at or after the app's last exception; always true in a build and without
    /// a traceback.
    let isAtFailure: Bool
    /// Whether the app does not respond although it logged its listen address.
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

    /// Returns `count` lines beginning with this one.
    func following(_ count: Int) -> ArraySlice<NormalizedLine> {
        lines[index..<min(lines.count, index + count)]
    }
    /// Returns up to `count` lines before this one, the nearest last.
    func preceding(_ count: Int) -> ArraySlice<NormalizedLine> { lines[max(0, index - count)..<index] }
    func occursNearby(_ markers: String..., within count: Int = 8) -> Bool {
        preceding(count).contains { $0.has(anyOf: markers) }
            || following(count).contains { $0.has(anyOf: markers) }
    }
    func occursAnywhere(_ markers: String...) -> Bool { lines.contains { $0.has(anyOf: markers) } }

    /// Returns how to install a Debian package in the image.
    func installHint(debian packages: String) -> String {
        isDocker
            ? "RUN apt-get update && apt-get install -y \(packages) in the Dockerfile"
            : "a line \(packages) in packages.txt"
    }

    /// Returns how to set an environment variable. A name that is not known to be harmless is
    /// treated as a secret, because variables are public.
    func assignmentHint(_ name: String) -> String {
        guard Self.isHarmless(name) else {
            let variableHint =
                SecretName.matches(name.utf8) ? "" : " (variable = \(name)=value if everybody may read it)"
            return
                "spacesync secrets set \(space) \(name)=env:\(name), or secret = \(name) of the target\(variableHint)"
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

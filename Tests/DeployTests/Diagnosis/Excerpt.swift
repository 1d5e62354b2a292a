import Testing

@testable import BuildDiagnosis
@testable import Deploy
@testable import SpacesModel

/// The telling lines of a failure that somebody asked about in public, and what it was.
struct Excerpt: Sendable, CustomTestStringConvertible {
    enum Place: Sendable {
        /// On a Space.
        case space
        /// In another container, or on somebody's machine.
        case elsewhere
    }

    var number: Int
    /// Below https://github.com/.
    var link: String
    var place: Place
    var kind: WatchOutcome.Kind
    /// What is right to say, by what the thread came to; nil: that the cause is not known.
    var causes: [DiagnosedCause?]
    /// What the hint has to name.
    var names: [String]
    var message: String?
    var log: [String]
    /// What the build had said, of an app that fails later.
    var build: [String]

    init(
        _ number: Int, _ link: String, _ place: Place, _ kind: WatchOutcome.Kind, _ causes: [DiagnosedCause?],
        names: [String] = [], message: String? = nil, log: String = "", build: String = ""
    ) {
        (self.number, self.link, self.place, self.kind) = (number, link, place, kind)
        (self.causes, self.names, self.message) = (causes, names, message)
        self.log = log.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        self.build = build.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    var testDescription: String { "\(number) \(link)" }

    func diagnosis(in space: SpaceID) -> Diagnosis {
        Diagnosis.of(
            FailureContext(
                kind, of: space, errorMessage: message, build: kind == .buildError ? log : build,
                run: kind == .runtimeError ? log : [], sdk: "docker"))
    }

    /// The cause is right, and what the log names is named.
    func isHit(by diagnosis: Diagnosis) -> Bool {
        causes.contains(diagnosis.cause) && names.allSatisfy { diagnosis.hint.contains($0) }
    }
}

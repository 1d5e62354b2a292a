import Testing

@testable import BuildDiagnosis
@testable import SpacesModel

/// The relevant log lines of a publicly reported failure, with its cause.
struct Excerpt: Sendable, CustomTestStringConvertible {
    /// The environment in which the failure occurred.
    enum Place: Sendable {
        /// A Space.
        case space
        /// Another container or a local machine.
        case elsewhere
    }

    var number: Int
    /// The path of the thread below https://github.com/.
    var link: String
    var place: Place
    var kind: StageOutcome
    /// The correct causes according to the thread; `nil` if the cause is unknown.
    var causes: [DiagnosedCause?]
    /// The texts that the hint must contain.
    var names: [String]
    var message: String?
    var log: [String]
    /// The build log of an app that fails after its build.
    var build: [String]

    init(
        _ number: Int, _ link: String, _ place: Place, _ kind: StageOutcome, _ causes: [DiagnosedCause?],
        names: [String] = [], message: String? = nil, log: String = "", build: String = ""
    ) {
        (self.number, self.link, self.place, self.kind) = (number, link, place, kind)
        (self.causes, self.names, self.message) = (causes, names, message)
        self.log = log.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        self.build = build.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    var testDescription: String { "\(number) \(link)" }

    func context(in space: SpaceID) -> FailureContext {
        FailureContext(
            kind, of: space, errorMessage: message, build: kind == .buildError ? log : build,
            run: kind == .runtimeError ? log : [], sdk: "docker")
    }

    func diagnosis(in space: SpaceID) -> Diagnosis { Diagnosis.of(context(in: space)) }

    /// Returns whether the diagnosis has a correct cause and a hint with all names.
    func isHit(by diagnosis: Diagnosis) -> Bool {
        causes.contains(diagnosis.cause) && names.allSatisfy { diagnosis.hint.contains($0) }
    }
}

import SpacesModel
import TextTools

/// One line of `doctor`: what was looked at, how it is, and what to do.
struct Checkup: Sendable {
    enum Verdict: Hashable, Sendable {
        case good, warning
        case bad(Failure.Kind)

        var name: String {
            switch self {
            case .good: "good"
            case .warning: "warning"
            case .bad: "bad"
            }
        }

        var exitCode: Int { if case .bad(let kind) = self { kind.exitCode } else { 0 } }
    }

    /// `hub`, `token`, `source` …: one word, for scripts.
    var name: String
    /// The target it is about; nil for the machine and its accounts.
    var space: SpaceID?
    var verdict: Verdict
    var text: String
    var details: [String] = []
    var mend: String?

    init(
        _ name: String, of space: SpaceID? = nil, _ verdict: Verdict, _ text: String, mend: String? = nil
    ) {
        (self.name, self.space, self.verdict, self.text, self.mend) = (name, space, verdict, text, mend)
    }

    init(_ name: String, of space: SpaceID? = nil, _ failure: Failure) {
        self.init(name, of: space, .bad(failure.kind), failure.message, mend: failure.hint)
        details = failure.details
    }

    init(_ file: TokenFiles.OpenFile) { self.init("token", .warning, file.message, mend: file.fix) }

    /// The same as it may be shown, without the value of any token.
    var redacted: Checkup {
        var checkup = self
        checkup.text = text.redacted
        checkup.details = details.map(\.redacted)
        checkup.mend = mend?.redacted
        return checkup
    }

    /// Looks, and takes what goes wrong for the result.
    static func of(
        _ name: String, _ space: SpaceID? = nil, _ look: () async throws(Failure) -> Checkup
    ) async -> Checkup {
        do { return try await look() } catch { return Checkup(name, of: space, error) }
    }
}

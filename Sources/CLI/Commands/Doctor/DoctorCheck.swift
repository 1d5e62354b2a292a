import SpacesModel
import TextTools

/// A result of `doctor`: the subject of the check, its status, and the fix.
struct DoctorCheck: Sendable {
    enum Status: Hashable, Sendable {
        case good, warning
        case bad(DeployError.Kind)

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
    /// The target of the check; `nil` for checks of the machine and its accounts.
    var space: SpaceID?
    var status: Status
    var text: String
    var details: [String] = []
    var fix: String?

    init(
        _ name: String, of space: SpaceID? = nil, _ status: Status, _ text: String, fix: String? = nil
    ) {
        (self.name, self.space, self.status, self.text, self.fix) = (name, space, status, text, fix)
    }

    init(_ name: String, of space: SpaceID? = nil, _ failure: DeployError) {
        self.init(name, of: space, .bad(failure.kind), failure.message, fix: failure.hint)
        details = failure.details
    }

    init(_ file: TokenFiles.OpenFile) { self.init("token", .warning, file.message, fix: file.fix) }

    /// A copy without token values, for output.
    var redacted: DoctorCheck {
        var check = self
        check.text = text.redacted
        check.details = details.map(\.redacted)
        check.fix = fix?.redacted
        return check
    }

    /// Runs a check. An error becomes a `bad` result.
    static func run(
        _ name: String, _ space: SpaceID? = nil, _ check: () async throws(DeployError) -> DoctorCheck
    ) async -> DoctorCheck {
        do { return try await check() } catch { return DoctorCheck(name, of: space, error) }
    }
}

import BuildDiagnosis
import SpacesModel

/// How a watch ended, with what its user needs to know.
package struct WatchOutcome: Hashable, Sendable {
    package typealias Kind = StageOutcome

    package var kind: Kind
    /// The stage in which it ended; nil when none could be read.
    package var stage: Stage?
    /// One sentence: what happened.
    package var message: String
    /// The Hub's own words on it.
    package var errorMessage: String?
    /// Which log `tail` is from.
    package var log: LogKind?
    /// The last lines of the log that tells about it, twenty at most.
    package var tail: [String] = []
    /// The step of the build that failed: `RUN pip install -r requirements.txt`.
    package var step: String?
    /// The first line of the failing step that speaks of an error, or the app's last exception.
    package var firstError: String?
    /// Why it failed; nil when nothing that is known fits.
    package var cause: DiagnosedCause?
    /// What to do.
    package var hint: String?
    /// The Hub's platform failed, not the Space: the same push may work later.
    package var isPlatformError = false
    /// The app's own address, as the Hub says it.
    package var appURL: String?

    package init(_ kind: Kind, stage: Stage?, message: String) {
        (self.kind, self.stage, self.message) = (kind, stage, message)
    }

    mutating func apply(_ diagnosis: Diagnosis) {
        (step, firstError, cause) = (diagnosis.step, diagnosis.firstError, diagnosis.cause)
        (hint, isPlatformError) = (diagnosis.hint, diagnosis.isPlatformError)
    }

    /// The failure that this outcome is; nil for what is no failure: running, superseded, and a Space that rests
    /// (pushed, but not awake).
    package var failure: DeployError? {
        switch kind {
        case .running, .superseded, .paused, .sleeping, .stopped: nil
        case .timedOut: DeployError(.timedOut, message, details: details, log: tail, hint: hint)
        default:
            DeployError(
                isPlatformError ? .tryLater : .failed, message, details: details, log: tail, hint: hint)
        }
    }

    /// The Hub's words often repeat the line.
    private var details: [String] {
        let words = errorMessage ?? ""
        let line = firstError.flatMap { words.contains($0) ? nil : $0 }
        return [step.map { "in the step \($0)" }].compactMap { $0 }
            + words.split(whereSeparator: \.isNewline).map(String.init) + [line].compactMap { $0 }
    }
}

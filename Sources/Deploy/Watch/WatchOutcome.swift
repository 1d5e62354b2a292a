import BuildDiagnosis
import SpacesModel

/// The outcome of a watch, with the facts that its user needs.
package struct WatchOutcome: Hashable, Sendable {
    package typealias Kind = StageOutcome

    package var kind: Kind
    /// The last stage; `nil` if none could be read.
    package var stage: Stage?
    /// What happened, in one sentence.
    package var message: String
    /// The Hub's own error message.
    package var errorMessage: String?
    /// The log that `tail` is from.
    package var log: LogKind?
    /// The last lines of the relevant log, at most 20.
    package var tail: [String] = []
    /// The build step that failed: `RUN pip install -r requirements.txt`.
    package var step: String?
    /// The first line of the failing step that reports an error, or the app's last exception.
    package var firstError: String?
    /// The diagnosed cause of the failure; `nil` if no known cause fits.
    package var cause: DiagnosedCause?
    /// The cause in words, with which the hint begins.
    package var why: String?
    /// What the user should do.
    package var hint: String?
    /// Whether the Hub's platform failed, not the Space: the same push may succeed later.
    package var isPlatformError = false
    /// The URL of the app, as the Hub reports it.
    package var appURL: String?
    /// Whether the Space is private; `nil` if it is not known.
    package var isPrivate: Bool?

    package init(_ kind: Kind, stage: Stage?, message: String) {
        (self.kind, self.stage, self.message) = (kind, stage, message)
    }

    mutating func apply(_ diagnosis: Diagnosis) {
        (step, firstError, cause) = (diagnosis.step, diagnosis.firstError, diagnosis.cause)
        why = diagnosis.why
        (hint, isPlatformError) = (diagnosis.hint, diagnosis.isPlatformError)
    }

    /// The outcome as an error; `nil` for outcomes that are not failures: running, superseded, and an
    /// inactive Space (pushed, but not awake).
    package var failure: DeployError? {
        switch kind {
        case .running, .superseded, .paused, .sleeping, .stopped: nil
        case .timedOut: failure(.timedOut)
        default: failure(isPlatformError ? .tryLater : .failed)
        }
    }

    private func failure(_ kind: DeployError.Kind) -> DeployError {
        var failure = DeployError(kind, message, details: details, log: tail, hint: hint)
        failure.report = FailureReport(log: log, step: step, firstError: firstError, why: why)
        return failure
    }

    /// The lines below the message. The first error is omitted if the Hub's message contains it.
    private var details: [String] {
        let hubMessage = errorMessage ?? ""
        let line = firstError.flatMap { hubMessage.contains($0) ? nil : $0 }
        let report = FailureReport(log: log, step: step, firstError: firstError, why: why)
        return [report.stepDetail].compactMap { $0 }
            + hubMessage.split(whereSeparator: \.isNewline).map(String.init) + [line].compactMap { $0 }
    }
}

extension WatchOutcome.Kind {
    /// The outcome of a deploy whose watch ended without a failure.
    var deployOutcome: DeployResult.Outcome {
        switch self {
        case .running: .deployed
        case .superseded: .superseded
        default: .pushed
        }
    }

    /// Returns a hint for an outcome that is not a failed build or app; `nil` if there is none.
    func hint(for space: SpaceID) -> String? {
        switch self {
        case .configError:
            "start the README with valid front matter, for example --- / sdk: docker / ---"
        case .noAppFile:
            "a docker Space needs a file named Dockerfile at its root: add it, or set dockerfile, image or template"
        case .paused: "to start it (owners only): spacesync push \(space) --wake"
        case .sleeping, .stopped: "to wake it, visit the app, or: spacesync push \(space) --wake"
        case .deleting: "the Space is being deleted; to create a new one: spacesync push \(space) --create"
        case .timedOut: "the Hub continues; to keep watching: spacesync watch \(space)"
        case .running, .superseded, .buildError, .runtimeError: nil
        }
    }
}

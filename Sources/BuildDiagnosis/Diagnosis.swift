import SpacesModel

/// The diagnosis of a failure: where it happened, why, and how to fix it. For the texts that it is
/// based on see hub-api.md 4.4 and the excerpts in Tests/BuildDiagnosisTests, each with its link.
package struct Diagnosis: Hashable, Sendable {
    /// The build step that failed, for example `RUN pip install -r requirements.txt`.
    package var step: String?
    /// The first line of the failing step that reports an error, or the app's last exception.
    package var firstError: String?
    /// `nil` if no known pattern matches: a wrong guess is worse than none.
    package var cause: DiagnosedCause?
    /// How to fix the failure.
    package var hint: String

    /// Whether the failure is the Hub's, not the user's.
    package var isPlatformError: Bool { cause?.isPlatformError ?? false }

    /// Returns the diagnosis of a failure.
    ///
    /// - Parameter context: its `kind` is `.buildError`, `.runtimeError`, or a watch that timed out
    ///   while the app was starting.
    package static func of(_ context: FailureContext) -> Diagnosis {
        let candidate = context.explanation
        let steps = BuildSteps(context.build)
        let isBuild = context.kind == .buildError
        return Diagnosis(
            step: isBuild ? steps.failedStep(message: context.errorMessage) : nil,
            firstError: isBuild ? steps.firstError : RuntimeErrors.last(in: context.run),
            cause: candidate?.cause,
            hint: candidate.map { "\($0.why): \($0.fix)" } ?? context.fallbackHint)
    }
}

extension FailureContext {
    /// The hint if no known pattern matches.
    fileprivate var fallbackHint: String {
        switch kind {
        case .buildError:
            "mend the failing step and push again; spacesync logs \(space) --build has the whole log, and "
                + "spacesync export writes the same tree to a folder, for docker build"
        default: "spacesync logs \(space) has what the app said; mend it and push again"
        }
    }
}

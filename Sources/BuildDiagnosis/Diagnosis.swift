import SpacesModel

/// What is known of a failure: where it happened, why, and what to do. Sources of the Hub's words: hub-api.md 4.4 and
/// the excerpts in Tests/DeployTests/Diagnosis, each with its link.
package struct Diagnosis: Hashable, Sendable {
    /// The step of the build that failed: `RUN pip install -r requirements.txt`.
    package var step: String?
    /// The first line of the failing step, or the last exception of the app, that speaks of an error.
    package var firstError: String?
    /// nil when nothing that is known fits: a wrong guess costs more than none.
    package var cause: DiagnosedCause?
    /// What to do.
    package var hint: String

    /// The Hub's to mend, not the user's.
    package var isPlatformError: Bool { cause?.isPlatformError ?? false }

    /// - Parameter kind: `.buildError`, `.runtimeError`, or a watch that gave up while the app was starting.
    package static func of(_ symptoms: FailureContext) -> Diagnosis {
        let explanation = symptoms.explanation
        let steps = BuildSteps(symptoms.build)
        let isBuild = symptoms.kind == .buildError
        return Diagnosis(
            step: isBuild ? steps.failedStep(message: symptoms.errorMessage) : nil,
            firstError: isBuild ? steps.firstError : RuntimeErrors.last(in: symptoms.run),
            cause: explanation?.cause,
            hint: explanation.map { "\($0.why): \($0.fix)" } ?? symptoms.fallbackHint)
    }
}

extension FailureContext {
    /// Nothing known fits.
    fileprivate var fallbackHint: String {
        switch kind {
        case .buildError:
            "mend the failing step and push again; spacesync logs \(space) --build has the whole log, and "
                + "spacesync export writes the same tree to a folder, for docker build"
        default: "spacesync logs \(space) has what the app said; mend it and push again"
        }
    }
}

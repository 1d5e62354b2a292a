import SpacesModel

/// What is known of a failure: where it happened, why, and what to do. Sources of the Hub's words: hub-api.md 4.4 and
/// the excerpts in Tests/DeployTests/Diagnosis, each with its link.
package struct Diagnosis: Hashable, Sendable {
    /// The step of the build that failed: `RUN pip install -r requirements.txt`.
    package var step: String?
    /// The first line of the failing step, or the last exception of the app, that speaks of an error.
    package var firstError: String?
    /// nil when nothing that is known fits: a wrong guess costs more than none.
    package var cause: Cause?
    /// What to do.
    package var hint: String

    /// The Hub's to mend, not the user's.
    package var isPlatformFault: Bool { cause?.isPlatformFault ?? false }

    /// - Parameter kind: `.buildError`, `.runtimeError`, or a watch that gave up while the app was starting.
    package static func of(_ symptoms: Symptoms) -> Diagnosis {
        let explanation = symptoms.explanation
        let steps = BuildSteps(symptoms.build)
        let isBuild = symptoms.kind == .buildError
        return Diagnosis(
            step: isBuild ? steps.failing(message: symptoms.errorMessage) : nil,
            firstError: isBuild ? steps.firstError : RunErrors.last(in: symptoms.run),
            cause: explanation?.cause,
            hint: explanation.map { "\($0.why): \($0.mend)" } ?? symptoms.lookFurther)
    }
}

extension Symptoms {
    /// Nothing known fits.
    fileprivate var lookFurther: String {
        switch kind {
        case .buildError:
            "mend the failing step and push again; spacesync logs \(space) --build has the whole log, and "
                + "spacesync export writes the same tree to a folder, for docker build"
        default: "spacesync logs \(space) has what the app said; mend it and push again"
        }
    }
}

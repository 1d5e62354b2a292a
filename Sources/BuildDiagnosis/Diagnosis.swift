import SpacesModel

/// The cause of a failed build or app, as diagnosed from its logs and error message.
package enum DiagnosedCause: String, Hashable, Sendable, CaseIterable {
    // The Hub.
    case platform, scheduling
    // The account.
    case quota, payment
    // The build.
    case dockerfileSyntax, missingCopy, baseImage, conflict, noDistribution, pythonVersion, buildDependency,
        aptPackage, npm, repositorySize, hashes
    // The start of the app.
    case configuration, port, loopback, privilegedPort, portTaken, startTimeout, execFormat, startScript,
        ended
    // Missing modules, files, commands and resources.
    case pythonModule, nodeModule, missingFile, missingCommand, sharedLibrary, missingSecret, missingModel,
        gatedModel, noGPU
    // Incompatible or insufficient parts.
    case localService, syntax, permission, browser, packageVersions, outOfMemory, gpuMemory, terminated, disk

    /// Whether the Hub's infrastructure failed: the Space needs no fix, and the same push may
    /// succeed later.
    package var isPlatformError: Bool { self == .platform || self == .scheduling }
}

/// The diagnosis of a failure: where it happened, why, and how to fix it. For the texts that it is
/// based on see hub-api.md 4.4 and the excerpts in Tests/BuildDiagnosisTests, each with its link.
package struct Diagnosis: Hashable, Sendable {
    /// The build step that failed, for example `RUN pip install -r requirements.txt`.
    package var step: String?
    /// The first line of the failing step that reports an error, or the app's last exception.
    package var firstError: String?
    /// `nil` if no known pattern matches: a wrong guess is worse than none.
    package var cause: DiagnosedCause?
    /// The cause in words; `nil` if it is unknown.
    package var why: String?
    /// How to fix the failure, after the cause in words.
    package var hint: String

    /// Whether the failure is the Hub's, not the user's.
    package var isPlatformError: Bool { cause?.isPlatformError ?? false }

    /// Returns the diagnosis of a failure.
    ///
    /// - Parameter context: its `kind` is `.buildError`, `.runtimeError`, or a watch that timed out
    ///   while the app was starting.
    package static func of(_ context: FailureContext) -> Diagnosis {
        let explanation = context.explanation
        let steps = BuildSteps(context.build)
        let isBuild = context.kind == .buildError
        return Diagnosis(
            step: isBuild ? steps.failedStep(message: context.errorMessage) : nil,
            firstError: isBuild ? steps.firstError : RuntimeErrors.last(in: context.run),
            cause: explanation?.cause, why: explanation?.why,
            hint: explanation.map { "\($0.why): \($0.fix)" } ?? context.fallbackHint)
    }
}

/// The cause of a failure with its texts.
struct Explanation: Hashable, Sendable {
    var cause: DiagnosedCause
    var why: String
    var fix: String
}

extension FailureContext {
    /// The hint if no known pattern matches.
    fileprivate var fallbackHint: String {
        switch kind {
        case .buildError:
            "fix the failing step and push again; spacesync logs \(space) --build shows the whole log, and "
                + "spacesync export writes the same tree to a folder, for docker build"
        default: "spacesync logs \(space) shows the output of the app; fix the cause and push again"
        }
    }
}

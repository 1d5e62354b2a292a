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

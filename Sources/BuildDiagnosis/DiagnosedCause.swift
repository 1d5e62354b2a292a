/// Why a build or an app failed, as far as its words tell.
package enum DiagnosedCause: String, Hashable, Sendable, CaseIterable {
    // The Hub's.
    case platform, scheduling
    // The account's.
    case quota, payment
    // The build's.
    case dockerfileSyntax, missingCopy, baseImage, conflict, noDistribution, pythonVersion, buildDependency,
        aptPackage, npm, repositorySize, hashes
    // The start's.
    case configuration, port, loopback, privilegedPort, portTaken, startTimeout, execFormat, startScript,
        ended
    // What is not there.
    case pythonModule, nodeModule, missingFile, missingCommand, sharedLibrary, missingSecret, missingModel,
        gatedModel, noGPU
    // What does not fit, or not suffice.
    case localService, syntax, permission, browser, packageVersions, outOfMemory, gpuMemory, terminated, disk

    /// The Hub's own machinery failed; nothing in the Space is to be mended, and the same push may work later.
    package var isPlatformError: Bool { self == .platform || self == .scheduling }
}

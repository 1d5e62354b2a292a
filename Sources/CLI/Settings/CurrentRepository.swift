import Essentials
import Git

/// The repository of the working directory, or of `--source`.
struct CurrentRepository: Sendable {
    let source: LocalSource
    /// The work tree, or the Git directory of a bare repository.
    let top: String
    private let path: String
    /// Whether the configuration is trusted; false for a bare repository inside the work tree of
    /// another one, because the configuration may have arrived with that.
    let isConfigurationTrusted: Bool

    init(_ source: LocalSource, _ path: String) {
        (self.source, self.path) = (source, path)
        top = source.workTree ?? path
        isConfigurationTrusted = source.bareRepository?.enclosingWorkTree == nil
    }

    /// Whether the path leads to this repository.
    func isAt(_ other: String) -> Bool { other == path || isTop(other) }

    /// Whether the path is the top directory of this repository.
    func isTop(_ other: String) -> Bool {
        URL(fileURLWithPath: top).resolvingSymlinksInPath().path
            == URL(fileURLWithPath: other).resolvingSymlinksInPath().path
    }
}

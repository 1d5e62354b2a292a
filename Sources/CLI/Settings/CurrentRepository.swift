import Essentials
import Git

/// The repository that a run stands in.
struct CurrentRepository: Sendable {
    let source: LocalSource
    /// Its work tree, or itself when bare.
    let top: String
    private let path: String
    /// False for a bare repository inside the work tree of another one: its configuration came with that.
    let isConfigurationTrusted: Bool

    init(_ source: LocalSource, _ path: String) {
        (self.source, self.path) = (source, path)
        top = source.workTree ?? path
        isConfigurationTrusted = source.bareRepository?.enclosingWorkTree == nil
    }

    /// Whether a path leads to this repository.
    func isAt(_ other: String) -> Bool { other == path || isTop(other) }

    /// Whether a path is its top.
    func isTop(_ other: String) -> Bool {
        URL(fileURLWithPath: top).resolvingSymlinksInPath().path
            == URL(fileURLWithPath: other).resolvingSymlinksInPath().path
    }
}

import Deploy
import Foundation
import Git

/// The repository that a run stands in.
struct Home: Sendable {
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

    /// The path below its work tree of a file that is named by an absolute path; `nil` if it is outside.
    func path(below file: String) -> Path? {
        let whole = URL(fileURLWithPath: file)
        let folder = whole.deletingLastPathComponent().resolvingSymlinksInPath().path
        let root = URL(fileURLWithPath: top).resolvingSymlinksInPath().path
        let prefix = root.hasSuffix("/") ? root : root + "/"
        guard (folder + "/").hasPrefix(prefix) else { return nil }
        return Path((folder + "/" + whole.lastPathComponent).dropFirst(prefix.count))
    }

    /// Whether a path is its top.
    func isTop(_ other: String) -> Bool {
        URL(fileURLWithPath: top).resolvingSymlinksInPath().path
            == URL(fileURLWithPath: other).resolvingSymlinksInPath().path
    }
}

import DeploySettings
import Essentials
import SpacesModel

/// Maps files of a target's tree to files of the checked-out repository, for annotations.
package struct WorkflowCheckout: Hashable, Sendable {
    private let top: String
    private let target: Target

    /// Returns `nil` if the target's source is not the current repository.
    package init?(_ top: String?, _ target: Target) {
        guard let top, target.source == nil else { return nil }
        (self.top, self.target) = (top, target)
    }

    /// Returns the path in the repository, relative to its top; `nil` if the path is not a file
    /// there.
    func file(_ path: Path) -> String? {
        target.sourcePaths(of: path).map(\.description).first { path in
            var info = stat()
            return stat("\(top)/\(path)", &info) == 0 && info.st_mode & S_IFMT != S_IFDIR
        }
    }
}

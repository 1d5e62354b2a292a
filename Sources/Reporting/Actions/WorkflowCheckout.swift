import DeploySettings
import Essentials
import SpacesModel

/// The repository that a run stands in, as the files of a target's tree come from it.
package struct WorkflowCheckout: Hashable, Sendable {
    private let top: String
    private let target: Target

    /// nil where the target is deployed from elsewhere.
    package init?(_ top: String?, _ target: Target) {
        guard let top, target.source == nil else { return nil }
        (self.top, self.target) = (top, target)
    }

    /// Where a path of the Space's tree lies in the repository, from its top; nil where it is no file of it.
    func file(_ path: Path) -> String? {
        target.sourcePaths(of: path).map(\.description).first { place in
            var info = stat()
            return stat("\(top)/\(place)", &info) == 0 && info.st_mode & S_IFMT != S_IFDIR
        }
    }
}

import SpacesModel
import TextTools

extension SourceSnapshot {
    /// Logs the commit that is deployed; warns about uncommitted changes, which are not deployed.
    func log(_ emit: EventHandler) {
        let branchPrefix = branch.map { "\($0.shortened(to: ShownLimit.branch)) at " } ?? ""
        emit(.detail("\(repository): \(branchPrefix)\(commit.id.short) \(commit.shownSubject)"))
        guard uncommitted > 0 else { return }
        let changes = uncommitted == 1 ? "1 change" : "\(uncommitted) changes"
        emit(.warning("\(changes) in the work tree not committed, so not deployed"))
    }
}

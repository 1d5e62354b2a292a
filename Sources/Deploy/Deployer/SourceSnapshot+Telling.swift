import SpacesModel
import TextTools

extension SourceSnapshot {
    /// Which commit is deployed, and what is not.
    func log(_ emit: EventHandler) {
        let named = branch.map { "\($0.shortened(to: ShownLimit.branch)) at " } ?? ""
        emit(.detail("\(repository): \(named)\(commit.id.short) \(commit.shownSubject)"))
        guard uncommitted > 0 else { return }
        let changes = uncommitted == 1 ? "1 change" : "\(uncommitted) changes"
        emit(.warning("\(changes) in the work tree not committed, so not deployed"))
    }
}

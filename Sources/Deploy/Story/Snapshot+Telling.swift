import SpacesModel
import TextTools

extension Snapshot {
    /// Which commit is deployed, and what is not.
    func tell(_ say: Say) {
        let named = branch.map { "\($0.shortened(to: ShownLimit.branch)) at " } ?? ""
        say(.detail("\(repository): \(named)\(commit.id.short) \(commit.shownSubject)"))
        guard uncommitted > 0 else { return }
        let changes = uncommitted == 1 ? "1 change" : "\(uncommitted) changes"
        say(.warning("\(changes) in the work tree not committed, so not deployed"))
    }
}

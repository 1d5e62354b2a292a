import SpacesModel
import TextTools

extension RefAdvertisement {
    /// Resolves a branch, a tag or a full commit id; `nil` resolves HEAD.
    func find(_ revision: String?) -> (id: ObjectID, branch: String?)? {
        guard let revision, revision != "HEAD" else {
            let branch = headName.map { String($0.trimmingPrefix("refs/heads/")) }
            return (headName.flatMap { self[$0] } ?? self["HEAD"]).map { ($0, branch) }
        }
        let short = String(revision.trimmingPrefix("origin/"))
        for (name, branch) in [
            ("refs/heads/\(revision)", revision), ("refs/tags/\(revision)^{}", revision),
            ("refs/tags/\(revision)", revision), ("refs/heads/\(short)", short), (revision + "^{}", revision),
            (revision, revision),
        ] {
            if let id = self[name] { return (id, String(branch.trimmingPrefix(/refs\/[a-z]+\//))) }
        }
        // The server may accept a commit that no reference points to.
        return ObjectID(revision).map { ($0, nil) } ?? findByPrefix(revision)
    }

    private func findByPrefix(_ digits: String) -> (id: ObjectID, branch: String?)? {
        guard digits.utf8.count >= 7, digits.utf8.allSatisfy({ $0.hexDigit != nil }) else { return nil }
        let matches = Set(references.map(\.id).filter { $0.description.hasPrefix(digits.lowercased()) })
        return matches.count == 1 ? matches.first.map { ($0, nil) } : nil
    }

    /// The short names of branches and tags.
    var names: [String] {
        references.compactMap { name, _ in
            guard !name.hasSuffix("^{}") else { return nil }
            for prefix in ["refs/heads/", "refs/tags/"] where name.hasPrefix(prefix) {
                return String(name.dropFirst(prefix.count))
            }
            return nil
        }
    }
}

import DeploySettings
import SpacesModel

/// What goes by LFS, once all else of the tree is in its place.
extension Composer {
    mutating func stageLargeFiles(over old: TreeDraft, in draft: inout TreeDraft)
        async throws(Failure)
    {
        guard target.sendsLargeFiles else { return }
        var staging = LargeFileStaging(
            in: store, pardon: CredentialPardon(target.allowCredential), knowing: surveyed.taken(),
            bring: bring)
        try await staging.stage(&draft, over: old)
        surveyed = staging.surveyed.taken()
        large = staging
    }

    mutating func coverLargeFiles(over old: TreeDraft, in draft: inout TreeDraft)
        async throws(Failure)
    {
        guard var staging = large else { return }
        try await staging.coverAgain(&draft, keeping: Set(reasons.kept.keys), over: old)
        for (place, patterns) in staging.lines {
            let patterns = Set(patterns).sorted()
            let shown = patterns.prefix(3).joined(separator: " ") + (patterns.count > 3 ? " …" : "")
            reasons.note(place, "sends \(shown) by LFS")
        }
        large = staging
    }
}

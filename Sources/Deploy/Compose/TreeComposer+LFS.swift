import DeploySettings
import SpacesModel

/// What goes by LFS, once all else of the tree is in its place.
extension TreeComposer {
    mutating func stageLFSFiles(over old: TreeBuilder, in draft: inout TreeBuilder)
        async throws(DeployError)
    {
        guard target.usesLFS else { return }
        var staging = LFSStager(
            in: store, allowlist: CredentialAllowlist(target.allowCredential), knowing: scanCache.drain(),
            fetchBlobs: fetchBlobs)
        try await staging.stage(&draft, over: old)
        scanCache = staging.scanCache.drain()
        lfsStager = staging
    }

    mutating func updateLFSAttributes(over old: TreeBuilder, in draft: inout TreeBuilder)
        async throws(DeployError)
    {
        guard var staging = lfsStager else { return }
        try await staging.trackAgain(&draft, keeping: Set(reasons.preserved.keys), over: old)
        for (place, patterns) in staging.lines {
            let patterns = Set(patterns).sorted()
            let shown = patterns.prefix(3).joined(separator: " ") + (patterns.count > 3 ? " …" : "")
            reasons.record(place, "sends \(shown) by LFS")
        }
        lfsStager = staging
    }
}

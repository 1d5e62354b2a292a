import DeploySettings
import SpacesModel

/// Git LFS: chooses the files to send by LFS after all other files of the tree are in place.
extension TreeComposer {
    mutating func stageLFSFiles(over old: TreeBuilder, in draft: inout TreeBuilder)
        async throws(DeployError)
    {
        guard target.usesLFS else { return }
        var stager = LFSStager(
            in: store, allowlist: CredentialAllowlist(target.allowCredential), knowing: scanCache.drain(),
            fetchBlobs: fetchBlobs)
        try await stager.stage(&draft, over: old)
        scanCache = stager.scanCache.drain()
        lfsStager = stager
    }

    mutating func updateLFSAttributes(over old: TreeBuilder, in draft: inout TreeBuilder)
        async throws(DeployError)
    {
        guard var stager = lfsStager else { return }
        try await stager.trackAgain(&draft, keeping: Set(reasons.preserved.keys), over: old)
        for (path, patterns) in stager.lines {
            let patterns = Set(patterns).sorted()
            let shown = patterns.prefix(3).joined(separator: " ") + (patterns.count > 3 ? " …" : "")
            reasons.record(path, "sends \(shown) by LFS")
        }
        lfsStager = stager
    }
}

import DeploySettings
import SpacesModel

extension TreeComposer {
    /// Reads the cards that the new one is made of; the Space's is brought where it is not the source's.
    func cards(
        from top: TreeBuilder, in draft: TreeBuilder, over old: TreeBuilder
    ) async throws(DeployError) -> CardSources {
        let (mine, theirs) = (draft["README.md"]?.blob, old["README.md"]?.blob)
        var cards = CardSources(source: try await content(mine), file: try await cardFile(from: top))
        // One request for both: the rules are needed as soon as a file has changed.
        let rules = target.usesLFS && draft.attributes == nil ? old.attributes : nil
        if let theirs, theirs != mine { try await fetchBlobs([theirs] + [rules].compactMap { $0 }) }
        cards.space = theirs == mine ? cards.source : try await content(theirs)
        return cards
    }

    private func cardFile(from top: TreeBuilder) async throws(DeployError) -> [UInt8]? {
        guard let path = target.cardFile else { return nil }
        guard let blob = try await file(at: path, in: top) else {
            throw await missingPathError(path, key: "cardFile", in: top)
        }
        guard try await store.size(of: blob) <= 1 << 20 else {
            throw DeployError(
                .settings, "cardFile = \(path): is no card: it is larger than 1 MiB",
                hint: "it holds KEY: VALUE lines of YAML, as a README's front matter does")
        }
        return try await store.content(of: blob)
    }
}

import DeploySettings
import SpacesModel

extension TreeComposer {
    /// Reads the cards that the new card is composed from. Fetches the Space's README if it differs
    /// from the source's.
    func cards(
        from top: TreeBuilder, in draft: TreeBuilder, over old: TreeBuilder
    ) async throws(DeployError) -> CardSources {
        let (sourceBlob, spaceBlob) = (draft["README.md"]?.blob, old["README.md"]?.blob)
        var cards = CardSources(source: try await content(sourceBlob), file: try await cardFile(from: top))
        // The attributes are needed as soon as a file has changed, so one request fetches them and
        // the README.
        let attributes = target.usesLFS && draft.attributes == nil ? old.attributes : nil
        if let spaceBlob, spaceBlob != sourceBlob {
            try await fetchBlobs([spaceBlob] + [attributes].compactMap { $0 })
        }
        cards.space = spaceBlob == sourceBlob ? cards.source : try await content(spaceBlob)
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

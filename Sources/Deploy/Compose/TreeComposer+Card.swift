import DeploySettings
import FrontMatter
import SpacesModel

/// The card of the composed tree: from the source, the settings and the Space's own card.
extension TreeComposer {
    mutating func addCard(
        _ cards: CardSources, over old: TreeBuilder, in draft: inout TreeBuilder
    ) async throws(DeployError) {
        if snapshot.promotion != nil { return try await preserveSpaceCard(cards, over: old, in: &draft) }
        // Broken front matter is not rewritten: the preflight reports it with all other errors.
        if let source = cards.source, !Card.read(source).syntaxErrors.isEmpty { return }
        let card = try CardComposer(
            target, cards, dockerfile: try await content(draft["Dockerfile"]?.blob),
            origin: snapshot.repository, completing: completedKeys, missing: missingDockerfile,
            isNew: space == nil)
        sdkChange = SDKChange(old: cards.space.flatMap { Card.read($0).value(of: "sdk") }, new: card.sdk)
        preservedKeys = card.preservedKeys
        reasons.record("README.md", card.reason)
        if cards.source == nil, cards.space == card.readme, try await excludesReadme() {
            reasons.recordPreserved(
                "README.md", "the Space's version: the source's is excluded, and the Hub needs the card")
        }
        guard card.readme != cards.source else { return }
        let spaceBlob = old["README.md"]?.blob
        let written =
            if card.readme == cards.space, let spaceBlob { spaceBlob } else {
                try await store.write(blob: card.readme)
            }
        draft["README.md"] = .entry(.file, written)
    }

    /// Returns whether the source has a README that include or exclude leave out.
    private func excludesReadme() async throws(DeployError) -> Bool {
        let top = try await TreeBuilder(opening: snapshot.commit.tree, in: store)
        return try await top.node(at: target.root.appending("README.md"), in: store)?.blob != nil
    }

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
                .settings, "cardFile = \(path): is not a valid card: it is larger than 1 MiB",
                hint: "use KEY: VALUE lines of YAML, as in a README's front matter")
        }
        return try await store.content(of: blob)
    }

    /// Combines the README text of a tree that comes from another Space with this Space's own card. A
    /// new Space has no card of its own, and a Space whose SDK changes cannot keep its card.
    mutating func preserveSpaceCard(_ cards: CardSources, over old: TreeBuilder, in draft: inout TreeBuilder)
        async throws(DeployError)
    {
        let (sourceCard, spaceCard) = (Card.read(cards.source ?? []), Card.read(cards.space ?? []))
        let (newSDK, oldSDK) = (sourceCard.value(of: "sdk"), spaceCard.value(of: "sdk"))
        let keeps =
            !isPristine && spaceCard.frontMatter != nil && spaceCard.syntaxErrors.isEmpty
            && (newSDK == nil || newSDK == oldSDK)
        sdkChange = SDKChange(old: oldSDK, new: newSDK ?? oldSDK)
        preservedKeys = keeps ? spaceCard.keys : []
        guard keeps, let spaceReadme = cards.space else { return }
        for key in Self.runtimeKeys where sourceCard.value(of: key) != spaceCard.value(of: key) {
            let descriptions = [sourceCard, spaceCard].map {
                $0.value(of: key).map { "\(key): \($0)" } ?? "no \(key)"
            }
            messages.append(
                "the Space's card is kept: it has \(descriptions[1]), but \(snapshot.repository) has \(descriptions[0])"
            )
        }
        let readme = ReadmeBody(spaceReadme).above + ReadmeBody(cards.source ?? []).text
        guard readme != cards.source else { return }
        let readmeBlob =
            if readme == cards.space, let blob = old["README.md"]?.blob { blob } else {
                try await store.write(blob: readme)
            }
        reasons.record("README.md", "changed below the Space's card")
        draft["README.md"] = .entry(.file, readmeBlob)
    }

    /// The card keys that affect how the Hub builds and starts the Space.
    private static var runtimeKeys: [String] {
        ["app_port", "app_file", "sdk_version", "python_version", "app_build_command"]
    }
}

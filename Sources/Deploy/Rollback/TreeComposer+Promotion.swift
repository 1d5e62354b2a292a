import FrontMatter
import SpacesModel

extension TreeComposer {
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
        recordCardResult(SDKChange(old: oldSDK, new: newSDK ?? oldSDK), keeping: keeps ? spaceCard.keys : [])
        guard keeps, let spaceReadme = cards.space else { return }
        for key in Self.runtimeKeys where sourceCard.value(of: key) != spaceCard.value(of: key) {
            let descriptions = [sourceCard, spaceCard].map {
                $0.value(of: key).map { "\(key): \($0)" } ?? "no \(key)"
            }
            messages.append(
                "its card stays: it says \(descriptions[1]), where \(snapshot.repository) runs with \(descriptions[0])"
            )
        }
        let readme = ReadmeBody(spaceReadme).above + ReadmeBody(cards.source ?? []).text
        guard readme != cards.source else { return }
        let readmeBlob =
            if readme == cards.space, let blob = old["README.md"]?.blob { blob } else {
                try await store.write(blob: readme)
            }
        reasons.record("README.md", "below the Space's own card")
        draft["README.md"] = .entry(.file, readmeBlob)
    }

    /// The card keys that affect how the Hub builds and starts the Space.
    private static var runtimeKeys: [String] {
        ["app_port", "app_file", "sdk_version", "python_version", "app_build_command"]
    }
}

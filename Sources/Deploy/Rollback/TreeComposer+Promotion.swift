import FrontMatter
import SpacesModel

extension TreeComposer {
    /// The README of a tree that comes from another Space: below this Space's own card. One that is just made has none of
    /// its own; one that becomes another kind of Space cannot keep it.
    mutating func preserveSpaceCard(_ cards: CardSources, over old: TreeBuilder, in draft: inout TreeBuilder)
        async throws(DeployError)
    {
        let (mine, theirs) = (Card.read(cards.source ?? []), Card.read(cards.space ?? []))
        let (new, was) = (mine.value(of: "sdk"), theirs.value(of: "sdk"))
        let keeps =
            !isPristine && theirs.frontMatter != nil && theirs.syntaxErrors.isEmpty
            && (new == nil || new == was)
        recordCardResult(SDKChange(old: was, new: new ?? was), keeping: keeps ? theirs.keys : [])
        guard keeps, let own = cards.space else { return }
        for key in Self.runtimeKeys where mine.value(of: key) != theirs.value(of: key) {
            let words = [mine, theirs].map { $0.value(of: key).map { "\(key): \($0)" } ?? "no \(key)" }
            messages.append(
                "its card stays: it says \(words[1]), where \(snapshot.repository) runs with \(words[0])")
        }
        let readme = ReadmeBody(own).above + ReadmeBody(cards.source ?? []).text
        guard readme != cards.source else { return }
        let written =
            if readme == cards.space, let blob = old["README.md"]?.blob { blob } else {
                try await store.write(blob: readme)
            }
        reasons.record("README.md", "below the Space's own card")
        draft["README.md"] = .entry(.file, written)
    }

    /// Keys by which the Hub builds and starts.
    private static var runtimeKeys: [String] {
        ["app_port", "app_file", "sdk_version", "python_version", "app_build_command"]
    }
}

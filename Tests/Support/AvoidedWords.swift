/// The words that texts for users do not contain (the style guide names the standard words).
package enum AvoidedWords {
    private static let list = [
        "is no", "holds", "mend", "look at", "tells", "take … out", "take … away", "heed", "heeds", "heeded",
        "dearer", "for want of", "but N more", "shall", "lies", "stands", "needs a yes",
    ]

    /// Returns the entries of the list that a text contains, as complete words, in any case. `…` is up
    /// to three words of the same sentence, `N` is any word.
    package static func found(in text: String) -> [String] {
        let words = text.lowercased().split { $0.isWhitespace }.map { String($0) }
        return list.filter { entry in
            let pattern = entry.split(separator: " ").map { String($0) }
            return words.indices.contains { matches(pattern[...], words[$0...]) }
        }
    }

    private static func matches(_ pattern: ArraySlice<String>, _ words: ArraySlice<String>) -> Bool {
        guard let first = pattern.first else { return true }
        let rest = pattern.dropFirst()
        if first == "…" { return (0...3).contains { skipsMatch(rest, words, $0) } }
        guard let word = words.first else { return false }
        return (first == "N" || first == trimmed(word)) && matches(rest, words.dropFirst())
    }

    private static func skipsMatch(_ pattern: ArraySlice<String>, _ words: ArraySlice<String>, _ count: Int)
        -> Bool
    {
        let skipped = words.prefix(count)
        guard skipped.count == count, !skipped.contains(where: { $0.hasSuffix(".") }) else { return false }
        return matches(pattern, words.dropFirst(count))
    }

    private static func trimmed(_ word: String) -> String {
        let start = word.drop { !$0.isLetter && !$0.isNumber }
        return String(start.reversed().drop { !$0.isLetter && !$0.isNumber }.reversed())
    }
}

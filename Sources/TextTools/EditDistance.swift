/// The limits of the search for similar names ("did you mean").
package enum NearestLimit {
    /// The maximum length of a name in bytes.
    package static let length = 256
    /// The maximum number of compared pairs of characters over all candidates.
    package static let comparisons = 20_000_000
}

/// Returns the candidate that `name` was most likely meant to be ("did you mean"); `nil` if none is
/// similar. At most a third of its characters may differ. Case only breaks ties; the first of equal
/// candidates wins.
package func nearest(_ name: String, among candidates: some Sequence<String>) -> String? {
    // Longer names are rarely mistyped, and the cost of comparing is the product of both lengths.
    guard name.utf8.count <= NearestLimit.length else { return candidates.contains(name) ? name : nil }
    let characters = Array(name.lowercased())
    var best: (name: String, cost: Int)?
    var remainingComparisons = NearestLimit.comparisons
    for candidate in candidates where candidate.utf8.count <= NearestLimit.length {
        if candidate == name { return candidate }
        remainingComparisons -= characters.count * candidate.utf8.count
        guard remainingComparisons > 0 else { break }
        let limit = best.map { $0.cost / 2 } ?? max(1, characters.count / 3)
        guard let distance = editDistance(characters, Array(candidate.lowercased()), limit: limit) else {
            continue
        }
        let cost = 2 * distance + (distance == 0 ? 0 : 1)
        if best.map({ cost < $0.cost }) ?? true { best = (candidate, cost) }
    }
    return best?.name
}

/// Returns the number of insertions, deletions, replacements and swaps of neighbours that turn one
/// text into the other (optimal string alignment distance: each position is edited once); `nil` if
/// it is more than `limit`.
func editDistance(_ left: [Character], _ right: [Character], limit: Int) -> Int? {
    guard abs(left.count - right.count) <= limit else { return nil }
    var (secondLast, last) = ([Int](), Array(0...right.count))
    for row in left.indices {
        var next = [row + 1]
        next.reserveCapacity(right.count + 1)
        for column in right.indices {
            let replaced = last[column] + (left[row] == right[column] ? 0 : 1)
            var cost = min(replaced, last[column + 1] + 1, next[column] + 1)
            if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                cost = min(cost, secondLast[column - 1] + 1)
            }
            next.append(cost)
        }
        // A swap depends on the row before the last, so both rows must exceed the limit.
        guard (next.min() ?? 0) <= limit || (last.min() ?? 0) <= limit else { return nil }
        (secondLast, last) = (last, next)
    }
    return last.last.flatMap { $0 <= limit ? $0 : nil }
}

/// How far "did you mean" looks.
package enum NearestLimit {
    /// Bytes of a name.
    package static let length = 256
    /// Pairs of characters, over all candidates.
    package static let comparisons = 20_000_000
}

/// The candidate that `name` was most likely meant to be ("did you mean"), or nil when none is near: at most a third
/// of its characters may be mistyped. Case counts for nothing but to break a tie; the first of equals wins.
package func nearest(_ name: String, among candidates: some Sequence<String>) -> String? {
    // What is that long is not mistyped, and comparing costs the product of both lengths.
    guard name.utf8.count <= NearestLimit.length else { return candidates.contains(name) ? name : nil }
    let wanted = name.editable
    var best: (name: String, cost: Int)?
    var left = NearestLimit.comparisons
    for candidate in candidates where candidate.utf8.count <= NearestLimit.length {
        if candidate == name { return candidate }
        left -= wanted.count * candidate.utf8.count
        guard left > 0 else { break }
        let limit = best.map { $0.cost / 2 } ?? max(1, wanted.count / 3)
        guard let distance = editDistance(wanted, candidate.editable, limit: limit) else { continue }
        let cost = 2 * distance + (distance == 0 ? 0 : 1)
        if best.map({ cost < $0.cost }) ?? true { best = (candidate, cost) }
    }
    return best?.name
}

/// How many insertions, deletions, replacements and swaps of neighbours lead from one to the other (Damerau's
/// distance, each place changed once); nil when it is more than `limit`.
func editDistance(_ left: [Character], _ right: [Character], limit: Int) -> Int? {
    guard abs(left.count - right.count) <= limit else { return nil }
    var (before, last) = ([Int](), Array(0...right.count))
    for row in left.indices {
        var next = [row + 1]
        next.reserveCapacity(right.count + 1)
        for column in right.indices {
            let replaced = last[column] + (left[row] == right[column] ? 0 : 1)
            var cost = min(replaced, last[column + 1] + 1, next[column] + 1)
            if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                cost = min(cost, before[column - 1] + 1)
            }
            next.append(cost)
        }
        // A swap reaches back two rows, so one row beyond the limit is no proof yet.
        guard (next.min() ?? 0) <= limit || (last.min() ?? 0) <= limit else { return nil }
        (before, last) = (last, next)
    }
    return last.last.flatMap { $0 <= limit ? $0 : nil }
}

extension String {
    /// What the distance is counted in.
    fileprivate var editable: [Character] { Array(lowercased()) }
}

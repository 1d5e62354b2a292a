/// The lines by which one text becomes another: the shortest way, by Myers ("An O(ND) Difference Algorithm and Its
/// Variations", 1986). A line is its bytes with its line end, so texts that differ in line ends alone differ.
package struct Diff: Hashable, Sendable {
    package enum Mark: UInt8, Hashable, Sendable {
        case same = 0x20
        case removed = 0x2D
        case added = 0x2B
    }

    package struct Line: Hashable, Sendable {
        package var mark: Mark
        package var bytes: ArraySlice<UInt8>
    }

    package let lines: [Line]

    /// More changes than this are shown as one text going and the other coming: time and memory grow with the square.
    static let maxChanges = 2000
    /// In long texts fewer: lines times changes.
    static let maxWork = 50_000_000

    package init(from old: [UInt8], to new: [UInt8]) {
        let (before, after) = (old.lines, new.lines)
        var numbers: [ArraySlice<UInt8>: Int] = [:]
        func numbered(_ lines: [ArraySlice<UInt8>]) -> [Int] {
            lines.map { line in
                let number = numbers[line] ?? numbers.count
                numbers[line] = number
                return number
            }
        }
        let marks = Self.marks(numbered(before), numbered(after))
        var (lines, rest, next): ([Line], Int, Int) = ([], 0, 0)
        for mark in marks {
            lines.append(Line(mark: mark, bytes: mark == .added ? after[next] : before[rest]))
            if mark != .added { rest += 1 }
            if mark != .removed { next += 1 }
        }
        self.lines = lines
    }

    private static func marks(_ old: [Int], _ new: [Int]) -> [Mark] {
        let head = zip(old, new).prefix { $0 == $1 }.count
        let room = min(old.count, new.count) - head
        let tail = zip(old.reversed(), new.reversed()).prefix { $0 == $1 }.prefix(room).count
        let middle = shortestEdits(old[head..<(old.count - tail)], new[head..<(new.count - tail)])
        return Array(repeating: .same, count: head) + middle + Array(repeating: .same, count: tail)
    }

    /// Walks all diagonals at once, one change further in each round, until one of them ends in the corner.
    private static func shortestEdits(_ old: ArraySlice<Int>, _ new: ArraySlice<Int>) -> [Mark] {
        let (old, new) = (Array(old), Array(new))
        var rounds: [Frontier] = []
        var frontier = Frontier()
        let lines = old.count + new.count
        for changes in 0...min(maxChanges, lines, maxWork / max(lines, 1)) {
            rounds.append(frontier)
            frontier = frontier.widened()
            for diagonal in stride(from: -changes, through: changes, by: 2) {
                var x = frontier.step(onto: diagonal, changes).x
                while x < old.count, x - diagonal < new.count, old[x] == new[x - diagonal] { x += 1 }
                frontier[diagonal] = x
                if x >= old.count, x - diagonal >= new.count {
                    return backtrack(from: old.count, new.count, rounds)
                }
            }
        }
        return Array(repeating: .removed, count: old.count) + Array(repeating: .added, count: new.count)
    }

    private static func backtrack(from old: Int, _ new: Int, _ rounds: [Frontier]) -> [Mark] {
        var (x, y, marks): (Int, Int, [Mark]) = (old, new, [])
        for (changes, frontier) in rounds.enumerated().reversed() {
            let diagonal = x - y
            let step = frontier.step(onto: diagonal, changes)
            marks += Array(repeating: .same, count: x - step.x)
            (x, y) = (step.x, step.x - diagonal)
            guard changes > 0 else { continue }
            marks.append(step.mark)
            if step.mark == .added { y -= 1 } else { x -= 1 }
        }
        return marks.reversed()
    }
}

/// How far into the old text each diagonal (place in the old less place in the new) has come.
private struct Frontier {
    private var radius = 1
    private var furthest = [-1, -1, 0]

    subscript(diagonal: Int) -> Int {
        get { abs(diagonal) <= radius ? furthest[diagonal + radius] : -1 }
        set { furthest[diagonal + radius] = newValue }
    }

    func widened() -> Frontier {
        var wider = self
        wider.radius += 1
        wider.furthest = [-1] + furthest + [-1]
        return wider
    }

    /// Where a diagonal is entered with so many changes: from the neighbour that came further.
    func step(onto diagonal: Int, _ changes: Int) -> (x: Int, mark: Diff.Mark) {
        let (below, above) = (self[diagonal - 1], self[diagonal + 1])
        let isAdded = diagonal == -changes || (diagonal != changes && below < above)
        return isAdded ? (above, .added) : (below + 1, .removed)
    }
}

extension [UInt8] {
    /// Each with its line end, which the last may lack.
    package var lines: [ArraySlice<UInt8>] {
        var (lines, start): ([ArraySlice<UInt8>], Int) = ([], 0)
        while start < count {
            let end = self[start...].firstIndex(of: .newline).map { $0 + 1 } ?? count
            lines.append(self[start..<end])
            start = end
        }
        return lines
    }
}

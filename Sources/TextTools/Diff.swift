/// A line diff with the fewest changes, by Myers ("An O(ND) Difference Algorithm and Its
/// Variations", 1986). A line includes its line ending, so texts with different line endings differ.
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

    /// The maximum number of changes, as time and memory grow with the square. Texts with more
    /// changes are shown as completely replaced.
    static let maxChanges = 2000
    /// The maximum product of lines and changes, which reduces the number of changes for long texts.
    static let maxWork = 50_000_000

    package init(from old: [UInt8], to new: [UInt8]) {
        let (oldLines, newLines) = (old.lines, new.lines)
        var numbers: [ArraySlice<UInt8>: Int] = [:]
        func numbered(_ lines: [ArraySlice<UInt8>]) -> [Int] {
            lines.map { line in
                let number = numbers[line] ?? numbers.count
                numbers[line] = number
                return number
            }
        }
        let marks = Self.marks(numbered(oldLines), numbered(newLines))
        var (lines, oldIndex, newIndex): ([Line], Int, Int) = ([], 0, 0)
        for mark in marks {
            lines.append(Line(mark: mark, bytes: mark == .added ? newLines[newIndex] : oldLines[oldIndex]))
            if mark != .added { oldIndex += 1 }
            if mark != .removed { newIndex += 1 }
        }
        self.lines = lines
    }

    private static func marks(_ old: [Int], _ new: [Int]) -> [Mark] {
        let head = zip(old, new).prefix { $0 == $1 }.count
        let maxTail = min(old.count, new.count) - head
        let tail = zip(old.reversed(), new.reversed()).prefix { $0 == $1 }.prefix(maxTail).count
        let middle = shortestEdits(old[head..<(old.count - tail)], new[head..<(new.count - tail)])
        return Array(repeating: .same, count: head) + middle + Array(repeating: .same, count: tail)
    }

    /// Returns a shortest edit script. Extends all diagonals by one change per round until one of
    /// them reaches the end of both texts.
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

/// The furthest position in the old text on each diagonal (position in the old text minus position
/// in the new text).
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

    /// Returns the position at which a diagonal is entered with a number of changes, from the
    /// neighbour that reached further.
    func step(onto diagonal: Int, _ changes: Int) -> (x: Int, mark: Diff.Mark) {
        let (below, above) = (self[diagonal - 1], self[diagonal + 1])
        let isAdded = diagonal == -changes || (diagonal != changes && below < above)
        return isAdded ? (above, .added) : (below + 1, .removed)
    }
}

extension Diff {
    /// The hunks in the format of `git diff`, with three lines of context; empty if nothing differs.
    package var unified: [UInt8] {
        var text: [UInt8] = []
        var start = (old: 0, new: 0)
        var previousEnd = 0
        for hunk in hunks {
            count(lines[previousEnd..<hunk.lowerBound], into: &start)
            var end = start
            count(lines[hunk], into: &end)
            let old = Self.range(start.old, end.old), new = Self.range(start.new, end.new)
            text += "@@ -\(old) +\(new) @@\n".utf8
            for line in lines[hunk] { text += Self.text(of: line) }
            (start, previousEnd) = (end, hunk.upperBound)
        }
        return text
    }

    /// The ranges of changes with their context lines; ranges that touch are merged.
    private var hunks: [Range<Int>] {
        var hunks: [Range<Int>] = []
        for (index, line) in lines.enumerated() where line.mark != .same {
            let (start, end) = (max(0, index - 3), min(lines.count, index + 4))
            if let last = hunks.last, start <= last.upperBound {
                hunks[hunks.count - 1] = last.lowerBound..<end
            } else {
                hunks.append(start..<end)
            }
        }
        return hunks
    }

    private func count(_ lines: ArraySlice<Line>, into position: inout (old: Int, new: Int)) {
        for line in lines {
            if line.mark != .added { position.old += 1 }
            if line.mark != .removed { position.new += 1 }
        }
    }

    /// Returns a hunk's range, such as `12,7`. Lines count from 1, the count of a single line is
    /// omitted, and an empty range has the number of the line before it.
    private static func range(_ start: Int, _ end: Int) -> String {
        switch end - start {
        case 0: "\(start),0"
        case 1: "\(start + 1)"
        default: "\(start + 1),\(end - start)"
        }
    }

    /// Returns a line of a hunk, in the format of `git diff`.
    private static func text(of line: Line) -> [UInt8] {
        let text = [line.mark.rawValue] + line.bytes
        return line.bytes.last == .newline ? text : text + "\n\\ No newline at end of file\n".utf8
    }
}

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
            for line in lines[hunk] { text += line.text }
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
}

extension Diff.Line {
    fileprivate var text: [UInt8] {
        let line = [mark.rawValue] + bytes
        return bytes.last == .newline ? line : line + "\n\\ No newline at end of file\n".utf8
    }
}

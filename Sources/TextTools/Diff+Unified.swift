extension Diff {
    /// Hunks as `git diff` prints them, with three lines around each change; empty when nothing differs.
    package var unified: [UInt8] {
        var text: [UInt8] = []
        var before = (old: 0, new: 0)
        var seen = 0
        for hunk in hunks {
            count(lines[seen..<hunk.lowerBound], into: &before)
            var after = before
            count(lines[hunk], into: &after)
            let old = Self.range(before.old, after.old), new = Self.range(before.new, after.new)
            text += "@@ -\(old) +\(new) @@\n".utf8
            for line in lines[hunk] { text += line.text }
            (before, seen) = (after, hunk.upperBound)
        }
        return text
    }

    /// Where the changes are, with what is around them; those that touch are one.
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

    /// `12,7`; the first line counts 1, one line needs no count, and none stands behind the line before it.
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

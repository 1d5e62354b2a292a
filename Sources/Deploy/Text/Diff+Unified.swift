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

    private func count(_ lines: ArraySlice<Line>, into place: inout (old: Int, new: Int)) {
        for line in lines {
            if line.mark != .added { place.old += 1 }
            if line.mark != .removed { place.new += 1 }
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

/// How one file changes, as `git diff` prints it and `git apply` reads it.
struct FileDiff: Sendable {
    struct Side: Sendable {
        var kind: EntryKind
        var id: ObjectID
        var text: [UInt8]
    }

    /// Bytes; what is longer is nothing to read.
    static let limit = 1 << 20

    let path: Path
    /// nil: there is none.
    let old: Side?
    let new: Side?

    var text: [UInt8] {
        let (before, after) = (old?.text ?? [], new?.text ?? [])
        guard max(before.count, after.count) <= Self.limit else {
            return header + Array("(too long to show)\n".utf8)
        }
        let (from, to) = (old == nil ? "/dev/null" : "a/\(path)", new == nil ? "/dev/null" : "b/\(path)")
        guard !before.prefix(8000).contains(0), !after.prefix(8000).contains(0) else {
            return header + Array("Binary files \(from) and \(to) differ\n".utf8)
        }
        let hunks = Diff(from: before, to: after).unified
        return header + (hunks.isEmpty ? [] : Array("--- \(from)\n+++ \(to)\n".utf8) + hunks)
    }

    private var header: [UInt8] {
        var lines = ["diff --git a/\(path) b/\(path)"]
        let (mode, newMode) = (old?.mode, new?.mode)
        if let newMode, mode == nil { lines.append("new file mode \(newMode)") }
        if let mode, newMode == nil { lines.append("deleted file mode \(mode)") }
        if let mode, let newMode, mode != newMode { lines += ["old mode \(mode)", "new mode \(newMode)"] }
        let (from, to) = (old?.id ?? .zero, new?.id ?? .zero)
        if from != to {
            lines.append("index \(from.short)..\(to.short)" + (mode == newMode ? " \(mode ?? "")" : ""))
        }
        return Array((lines.joined(separator: "\n") + "\n").utf8)
    }
}

extension FileDiff.Side {
    fileprivate var mode: String { String(kind.rawValue, radix: 8) }
}

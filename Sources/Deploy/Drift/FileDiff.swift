import SpacesModel
import TextTools

/// The diff of one file in the format of `git diff`, which `git apply` accepts.
struct FileDiff: Sendable {
    struct Side: Sendable {
        var kind: EntryKind
        var id: ObjectID
        var text: [UInt8]
    }

    /// The size limit in bytes of a file whose diff is shown.
    static let limit = 1 << 20

    let path: Path
    /// The old version; `nil` if the file was added.
    let old: Side?
    /// The new version; `nil` if the file was removed.
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

import SpacesModel
import TextTools

/// The patch of one file in the format of `git diff --binary --full-index`, for `git apply` and, thanks
/// to the full ids, `git apply -3` (<https://git-scm.com/docs/diff-generate-patch>).
struct GitPatch: Sendable {
    struct Side: Hashable, Sendable {
        var kind: EntryKind
        var id: ObjectID
        var content: [UInt8]
    }

    let path: Path
    /// The old version; `nil` if the patch adds the file.
    let old: Side?
    /// The new version; `nil` if the patch removes the file.
    let new: Side?

    /// Whether a version is binary by Git's rule: a zero byte within the first 8,000 bytes.
    var isBinary: Bool { [old, new].contains { $0?.content.prefix(8000).contains(0) == true } }

    /// The patch itself; a removal and an addition if a symlink becomes a regular file or the reverse.
    var parts: [GitPatch] {
        guard let old, let new, (old.kind == .symlink) != (new.kind == .symlink) else { return [self] }
        return [GitPatch(path: path, old: old, new: nil), GitPatch(path: path, old: nil, new: new)]
    }

    /// Returns the text of the patch.
    /// - Parameter binary: the body of a binary patch; `nil` for a text file.
    func text(binary: [UInt8]?) -> [UInt8] {
        let header = header
        if let binary { return header + binary }
        let hunks = Diff(from: old?.content ?? [], to: new?.content ?? []).unified
        guard !hunks.isEmpty else { return header }
        let from = old == nil ? Array("/dev/null".utf8) : quoted("a/", ends: true)
        let to = new == nil ? Array("/dev/null".utf8) : quoted("b/", ends: true)
        return header + "--- ".utf8 + from + "\n+++ ".utf8 + to + "\n".utf8 + hunks
    }

    private var header: [UInt8] {
        var lines: [String] = []
        let (mode, newMode) = (old?.mode, new?.mode)
        if let newMode, mode == nil { lines.append("new file mode \(newMode)") }
        if let mode, newMode == nil { lines.append("deleted file mode \(mode)") }
        if let mode, let newMode, mode != newMode { lines += ["old mode \(mode)", "new mode \(newMode)"] }
        let (from, to) = (old?.id ?? .zero, new?.id ?? .zero)
        if from != to { lines.append("index \(from)..\(to)" + (mode == newMode ? " \(mode ?? "")" : "")) }
        let names = "diff --git ".utf8 + quoted("a/") + " ".utf8 + quoted("b/")
        return names + "\n".utf8 + lines.flatMap { Array($0.utf8) + "\n".utf8 }
    }

    /// Returns a name as Git writes it: C-quoted if it is not plain ASCII, and on a `---` or `+++` line
    /// followed by a tab if it contains a space.
    private func quoted(_ prefix: String, ends: Bool = false) -> [UInt8] {
        let bytes = Array(prefix.utf8) + path.bytes
        guard bytes.contains(where: { Path.quote($0) != nil }) else {
            return bytes + (ends && bytes.contains(0x20) ? "\t".utf8 : "".utf8)
        }
        return "\"".utf8 + bytes.flatMap(Path.escaped) + "\"".utf8
    }
}

extension GitPatch.Side {
    fileprivate var mode: String { String(kind.rawValue, radix: 8) }
}

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

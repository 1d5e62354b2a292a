import SpacesModel
import TextTools

/// How one file changes, as `git diff --binary --full-index` prints it: `git apply` takes it, and with the full ids
/// `git apply -3` too (<https://git-scm.com/docs/diff-generate-patch>).
struct GitPatch: Sendable {
    struct Side: Hashable, Sendable {
        var kind: EntryKind
        var id: ObjectID
        var content: [UInt8]
    }

    let path: Path
    /// nil: there is none.
    let old: Side?
    let new: Side?

    /// Text has lines; what holds a zero byte has none, as Git decides.
    var isBinary: Bool { [old, new].contains { $0?.content.prefix(8000).contains(0) == true } }

    /// A link that becomes a file, or the other way round, goes and comes again.
    var parts: [GitPatch] {
        guard let old, let new, (old.kind == .symlink) != (new.kind == .symlink) else { return [self] }
        return [GitPatch(path: path, old: old, new: nil), GitPatch(path: path, old: nil, new: new)]
    }

    /// - Parameter binary: what a binary file's change looks like.
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

    /// As Git writes names: what is not plain ASCII in C's quotes; behind a blank a tab ends the name of a `---` line.
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

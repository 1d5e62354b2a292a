import Deploy
import SpacesModel

/// A path that a Space's side changed, as lines.
package struct DriftTable: Sendable {
    private let entry: DriftedFile
    private let style: Style

    package init(_ entry: DriftedFile, style: Style) { (self.entry, self.style) = (entry, style) }

    package var lines: [String] {
        let words = [about].compactMap { $0 } + entry.notes
        let tail = words.isEmpty ? "" : "  " + style.dim(words.joined(separator: "; ").visible)
        return ["\(sign) \(entry.path.shown.visible)\(tail)"]
    }

    /// Whatever is worth a word besides the path.
    private var about: String? {
        var words: [String] = []
        if !entry.keys.isEmpty {
            let text = entry.isTextChanged ? ", and the text below it" : ""
            words.append("card: \(entry.keys.joined(separator: ", "))\(text)")
        }
        if entry.isMerged { words.append("kept by drift = merge") }
        if let home = entry.sourcePath, home != entry.path { words.append("\(home.shown) in the source") }
        return words.isEmpty ? nil : words.joined(separator: "; ")
    }

    private var sign: String {
        switch entry.kind {
        case .added: style.green("+")
        case .removed: style.red("-")
        case .updated, .kept: style.yellow("~")
        }
    }
}

extension JSONReporter {
    static func drifted(_ entry: DriftedFile) -> [(String, OrderedJSON)] {
        let text = entry.patch.flatMap { String(validating: $0, as: UTF8.self) }
        let isLost = entry.patch != nil && text == nil
        let notes = entry.notes + (isLost ? ["its patch is not UTF-8: take it without --json"] : [])
        return [
            ("path", .optional(entry.path)), ("change", .string(entry.kind.rawValue)),
            ("merged", .bool(entry.isMerged)), ("source_path", .optional(entry.sourcePath)),
            ("keys", .array(entry.keys.map(OrderedJSON.string))),
            ("notes", .array(notes.map(OrderedJSON.string))),
            ("patch", .optional(text)),
        ]
    }
}

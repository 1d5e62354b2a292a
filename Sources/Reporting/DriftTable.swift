import Deploy
import SpacesModel

/// A file that was changed on the Space, as lines of text.
package struct DriftTable: Sendable {
    private let entry: DriftedFile
    private let style: Style

    package init(_ entry: DriftedFile, style: Style) { (self.entry, self.style) = (entry, style) }

    package var lines: [String] {
        let notes = [summary].compactMap { $0 } + entry.notes
        let tail = notes.isEmpty ? "" : "  " + style.dim(notes.joined(separator: "; ").visible)
        return ["\(sign) \(entry.path.shown.visible)\(tail)"]
    }

    /// Notes besides the path; `nil` if there are none.
    private var summary: String? {
        var notes: [String] = []
        if !entry.keys.isEmpty {
            let text = entry.isTextChanged ? ", and the text below it" : ""
            notes.append("card: \(entry.keys.joined(separator: ", "))\(text)")
        }
        if entry.isMerged { notes.append("kept by drift = merge") }
        if let sourcePath = entry.sourcePath, sourcePath != entry.path {
            notes.append("\(sourcePath.shown) in the source")
        }
        return notes.isEmpty ? nil : notes.joined(separator: "; ")
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
        let isBinary = entry.patch != nil && text == nil
        let notes = entry.notes + (isBinary ? ["its patch is not UTF-8: take it without --json"] : [])
        return [
            ("path", .optional(entry.path)), ("change", .string(entry.kind.rawValue)),
            ("merged", .bool(entry.isMerged)), ("source_path", .optional(entry.sourcePath)),
            ("keys", .array(entry.keys.map(OrderedJSON.string))),
            ("notes", .array(notes.map(OrderedJSON.string))),
            ("patch", .optional(text)),
        ]
    }
}

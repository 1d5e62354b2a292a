import TextTools

/// A Markdown table as plain text: as columns if they fit, otherwise one block of lines per row.
struct MarkdownTable {
    private let header: [String]
    private let rows: [[String]]

    /// - Parameter rows: the lines of the table, with the header and the line below it.
    init(rows lines: [Substring]) {
        let cells = lines.map(Self.cells)
        header = cells.first ?? []
        rows = Array(cells.dropFirst(2))
    }

    var text: String {
        let all = [header] + rows
        let widths = header.indices.map { column in
            all.map { $0.indices.contains(column) ? $0[column].cellWidth : 0 }.max() ?? 0
        }
        if widths.reduce(2, { $0 + $1 + 2 }) - 2 <= HelpLayout.width { return aligned(widths) }
        if header.count == 2, widths[0] <= 26 {
            return HelpLayout.list(rows.map { ($0[0], $0.count > 1 ? $0[1] : "") }, widths[0])
        }
        return rows.map(block).joined(separator: "\n")
    }

    private func aligned(_ widths: [Int]) -> String {
        let titles =
            header.allSatisfy(\.isEmpty) ? [] : [header, widths.map { String(repeating: "-", count: $0) }]
        return (titles + rows).map { cells in
            let line = zip(cells, widths).map { $0.padded(to: $1) }.joined(separator: "  ")
            return "  " + String(line.reversed().drop { $0 == " " }.reversed())
        }.joined(separator: "\n")
    }

    /// The first cell, and below it the others. The second one needs no title if the first has one.
    private func block(_ cells: [String]) -> String {
        let others = zip(header, cells).enumerated().dropFirst().compactMap { index, pair -> String? in
            let (title, cell) = pair
            guard !cell.isEmpty else { return nil }
            let isTitled = index > 1 || header[0].isEmpty
            return HelpLayout.wrapped("      " + (isTitled ? "\(title): " : "") + cell, indent: 6)
        }
        return ([HelpLayout.wrapped("  " + cells[0], indent: 2)] + others).joined(separator: "\n")
    }

    /// The cells of a line. `\|` is a character of a cell.
    private static func cells(of line: Substring) -> [String] {
        var cells = [""]
        var isEscaped = false
        for character in line.dropFirst() {
            if character == "|", !isEscaped {
                cells.append("")
            } else if character == "\\", !isEscaped {
                isEscaped = true
                continue
            } else {
                cells[cells.count - 1].append(character)
            }
            isEscaped = false
        }
        return cells.dropLast().enumerated().map { index, cell in
            let text = MarkdownText.inline(Substring(cell)).split(separator: " ").joined(separator: " ")
            return index == 0 ? text.filter { $0 != "`" } : text
        }
    }
}

/// Rows in columns as wide as they need to be, two blanks between.
struct Table: Sendable {
    let rows: [[String]]
    /// Columns of numbers, by their place.
    var rightAligned: Set<Int> = []

    /// Without blanks at their ends. What is shown must be visible already, and without colours.
    var lines: [String] {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in
            rows.compactMap { $0.count > column ? $0[column].count : nil }.max() ?? 0
        }
        return rows.map { row in
            let cells = row.enumerated().filter { widths[$0.offset] > 0 }.map { column, cell in
                let gap = String(repeating: " ", count: widths[column] - cell.count)
                return rightAligned.contains(column) ? gap + cell : cell + gap
            }
            return cells.joined(separator: "  ").replacing(#/\ +$/#, with: "")
        }
    }
}

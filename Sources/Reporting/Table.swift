/// Rows in columns as wide as they need to be, two blanks between.
package struct Table {
    package let rows: [[String]]
    /// Columns of numbers, by their place.
    package var rightAligned: Set<Int> = []
    /// Colours a cell of a row and column; colours do not count for the width.
    package typealias Paint = (_ row: Int, _ column: Int, _ cell: String) -> String

    private let paint: Paint

    package init(rows: [[String]], rightAligned: Set<Int> = [], paint: @escaping Paint = { $2 }) {
        (self.rows, self.rightAligned, self.paint) = (rows, rightAligned, paint)
    }

    /// Without blanks at their ends. What is shown must be visible already.
    package var lines: [String] {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in
            rows.compactMap { $0.count > column ? $0[column].count : nil }.max() ?? 0
        }
        return rows.enumerated().map { place, row in
            let columns = row.indices.filter { widths[$0] > 0 }
            let last = columns.last { !row[$0].isEmpty }
            let cells = columns.prefix { $0 <= last ?? -1 }.map { column in
                let gap = String(repeating: " ", count: widths[column] - row[column].count)
                let isRight = rightAligned.contains(column)
                let cell = paint(place, column, row[column])
                return isRight ? gap + cell : column == last ? cell : cell + gap
            }
            return cells.joined(separator: "  ")
        }
    }
}

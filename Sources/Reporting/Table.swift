/// A text table: columns as wide as their longest cell, separated by two spaces.
package struct Table {
    package let rows: [[String]]
    /// The indices of right-aligned columns, for numbers.
    package var rightAligned: Set<Int> = []
    /// Colours a cell; colours do not count for the column's width.
    package typealias Paint = (_ row: Int, _ column: Int, _ cell: String) -> String

    private let paint: Paint

    package init(rows: [[String]], rightAligned: Set<Int> = [], paint: @escaping Paint = { $2 }) {
        (self.rows, self.rightAligned, self.paint) = (rows, rightAligned, paint)
    }

    /// The lines without trailing spaces. Cells must be free of control characters already
    /// (`visible`).
    package var lines: [String] {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in
            rows.compactMap { $0.count > column ? $0[column].count : nil }.max() ?? 0
        }
        return rows.enumerated().map { index, row in
            let columns = row.indices.filter { widths[$0] > 0 }
            let last = columns.last { !row[$0].isEmpty }
            let cells = columns.prefix { $0 <= last ?? -1 }.map { column in
                let gap = String(repeating: " ", count: widths[column] - row[column].count)
                let isRight = rightAligned.contains(column)
                let cell = paint(index, column, row[column])
                return isRight ? gap + cell : column == last ? cell : cell + gap
            }
            return cells.joined(separator: "  ")
        }
    }
}

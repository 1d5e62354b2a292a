import TextTools

/// A text table: columns as wide as their longest cell, separated by two spaces. On a terminal it is
/// fitted to the width: less important columns are left out, and long cells are shortened.
package struct Table {
    /// A column: its heading, and how it is fitted to a terminal.
    package struct Column: Sendable {
        package var heading: String
        /// Whether the cells are numbers.
        package var isRightAligned = false
        package var fit = Fit.fixed
        /// Columns without a rank are always shown; among the others, the highest rank is left out first.
        package var rank: Int?

        package enum Fit: Sendable {
            case fixed
            /// The end of long cells is cut: subjects.
            case end
            /// The middle of long cells is cut: names and paths.
            case middle
        }

        package init(
            _ heading: String, isRightAligned: Bool = false, fit: Fit = .fixed, rank: Int? = nil
        ) {
            (self.heading, self.isRightAligned) = (heading, isRightAligned)
            (self.fit, self.rank) = (fit, rank)
        }
    }

    /// Colours a cell; colours do not count for the column's width. The row is `nil` for the headings.
    package typealias Paint = (_ row: Int?, _ column: Int, _ cell: String) -> String

    private let columns: [Column]
    private let rows: [[String]]
    private let hasHeadings: Bool
    private let paint: Paint
    /// The minimum widths of shortened cells.
    private static let minEndWidth = 20
    private static let minMiddleWidth = 20
    private static let gap = 2

    /// Creates a table with headings. Cells must be free of control characters already (`visible`).
    package init(_ columns: [Column], rows: [[String]], paint: @escaping Paint = { $2 }) {
        (self.columns, self.rows, hasHeadings, self.paint) = (columns, rows, true, paint)
    }

    /// Creates a table without headings.
    package init(rows: [[String]], rightAligned: Set<Int> = [], paint: @escaping Paint = { $2 }) {
        let count = rows.map(\.count).max() ?? 0
        columns = (0..<count).map { Column("", isRightAligned: rightAligned.contains($0)) }
        (self.rows, hasHeadings, self.paint) = (rows, false, paint)
    }

    /// The rows at full width, without headings and without trailing spaces.
    package var lines: [String] { lines(width: nil).rows }

    /// Returns the headings and the rows.
    /// - Parameter width: the width of the terminal; `nil` shows all columns in full.
    package func lines(width: Int?) -> (heading: String?, rows: [String]) {
        let widths = fittedWidths(width)
        let heading = hasHeadings ? line(columns.map(\.heading), nil, widths) : nil
        return (heading, rows.enumerated().map { line($1, $0, widths) })
    }

    private func line(_ row: [String], _ index: Int?, _ widths: [Int]) -> String {
        let shown = row.indices.filter { widths[$0] > 0 }
        let last = shown.last { !row[$0].isEmpty } ?? -1
        let cells = shown.prefix { $0 <= last }.map { column in
            let text = fitted(row[column], columns[column].fit, widths[column])
            let gap = String(repeating: " ", count: max(0, widths[column] - text.cellWidth))
            let cell = paint(index, column, text)
            return columns[column].isRightAligned ? gap + cell : column == last ? cell : cell + gap
        }
        return cells.joined(separator: String(repeating: " ", count: Self.gap))
    }

    private func fitted(_ cell: String, _ fit: Column.Fit, _ width: Int) -> String {
        fit == .middle ? cell.truncatedMiddle(to: width) : cell.truncatedEnd(to: width)
    }

    /// Returns the width of each column; 0 for columns that are not shown: empty ones, and those for
    /// which there is no room.
    private func fittedWidths(_ width: Int?) -> [Int] {
        var widths = columns.indices.map { column in
            let longest = rows.map { $0.indices.contains(column) ? $0[column].cellWidth : 0 }.max() ?? 0
            return longest == 0 ? 0 : max(longest, columns[column].heading.cellWidth)
        }
        guard let width else { return widths }
        func excess() -> Int {
            let shown = widths.filter { $0 > 0 }
            return shown.reduce(0, +) + Self.gap * max(0, shown.count - 1) - width
        }
        let ranked = columns.indices.filter { columns[$0].rank != nil }
            .sorted { (columns[$0].rank ?? 0) > (columns[$1].rank ?? 0) }
        // Cells are shortened before a column is left out.
        for column in ranked where excess() > shrinkable(widths) { widths[column] = 0 }
        shrink(&widths, by: excess(), to: columns.indices.map { minWidth(of: $0, widths[$0]) })
        shrink(&widths, by: excess(), to: widths.map { min(1, $0) })
        return widths
    }

    /// The width to which a column can be shortened.
    private func minWidth(of column: Int, _ width: Int) -> Int {
        switch columns[column].fit {
        case .fixed: width
        case .end: min(width, Self.minEndWidth)
        case .middle: min(width, max(Self.minMiddleWidth, width / 2))
        }
    }

    private func shrinkable(_ widths: [Int]) -> Int {
        columns.indices.reduce(0) { $0 + widths[$1] - minWidth(of: $1, widths[$1]) }
    }

    /// Takes the excess from the widest columns, as far as their minimum.
    private func shrink(_ widths: inout [Int], by excess: Int, to minimums: [Int]) {
        for _ in 0..<max(0, excess) {
            let candidates = widths.indices.filter { widths[$0] > minimums[$0] }
            guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { return }
            widths[widest] -= 1
        }
    }
}

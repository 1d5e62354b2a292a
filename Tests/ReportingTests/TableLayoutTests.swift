import Testing
import TextTools

@testable import Reporting

/// Tables with headings, fitted to the width of a terminal.
struct TableLayoutTests {
    private static let columns: [Table.Column] = [
        .init("SPACE", fit: .middle), .init("STAGE"), .init("$/DAY", isRightAligned: true, rank: 2),
        .init("SOURCE", fit: .middle, rank: 1), .init("SUBJECT", fit: .end),
    ]
    private static let rows = [
        ["me/app", "RUNNING", "0.72", "main 82f885a", "Fix the start of the app on small machines, at last"],
        ["日本/アプリ", "BUILD_ERROR", "–", "https://ci.example.org/runs/1234567890123 82f885a", "🚀 start"],
        ["me/a-very-long-name-of-a-space-that-nobody-would-type", "RUNNING", "12.00", "main 1a2b3c4", ""],
    ]

    @Test func `a pipe gets all columns in full`() {
        let (heading, lines) = Table(Self.columns, rows: Self.rows).lines(width: nil)
        #expect(heading?.split(separator: " ") == ["SPACE", "STAGE", "$/DAY", "SOURCE", "SUBJECT"])
        #expect(lines.allSatisfy { !$0.contains("…") })
        // All columns begin at the same cell.
        let starts = lines.prefix(2).map { line in line.prefix { $0 != "R" && $0 != "B" }.cellWidth }
        #expect(Set(starts).count == 1, "\(lines)")
    }

    @Test(arguments: [20, 40, 60, 80, 100, 120])
    func `a table fits the terminal`(width: Int) throws {
        let (heading, lines) = Table(Self.columns, rows: Self.rows).lines(width: width)
        #expect(([heading ?? ""] + lines).allSatisfy { $0.cellWidth <= width }, "\(lines)")
    }

    @Test func `long cells are shortened: names in the middle, subjects at the end`() {
        let lines = Table(Self.columns, rows: Self.rows).lines(width: 120).rows
        #expect(lines[0].hasPrefix("me/app ") && lines[0].contains("main 82f885a"), "\(lines)")
        #expect(
            lines[2].contains("me/") && lines[2].contains("…") && lines[2].contains("nobody-would-type"),
            "\(lines)")
        #expect(lines[1].contains("BUILD_ERROR") && lines[1].contains("82f885a"), "\(lines)")
    }

    @Test func `a column is left out only if shortening is not enough, the least important one first`() {
        let narrow = Table(Self.columns, rows: Self.rows).lines(width: 72)
        #expect(narrow.heading?.contains("$/DAY") == false && narrow.heading?.contains("STAGE") == true)
        let wide = Table(Self.columns, rows: Self.rows).lines(width: 200)
        #expect(wide.heading?.contains("$/DAY") == true && wide.heading?.contains("SOURCE") == true)
    }

    @Test func `an empty column has no heading, and headings are painted too`() {
        let table = Table([.init("A"), .init("B"), .init("C")], rows: [["1", "", "3"]]) { row, _, cell in
            row == nil ? "<\(cell)>" : cell
        }
        #expect(table.lines(width: nil).heading == "<A>  <C>")
        #expect(table.lines == ["1  3"])
    }
}

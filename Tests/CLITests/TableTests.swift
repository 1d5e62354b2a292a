import Foundation
import Testing

@testable import CLI
@testable import Reporting
@testable import SpacesModel

struct TableTests {
    @Test func `column widths fit the longest cell, without counting colours`() {
        let rows = [["a", "", "long", "1"], ["bcd", "", "x", "22"], ["e"]]
        #expect(Table(rows: rows, rightAligned: [3]).lines == ["a    long   1", "bcd  x     22", "e"])
        let painted = Table(rows: [["a", "b"], ["cc", "d"]]) { "<\($2)>" }
        #expect(painted.lines == ["<a>   <b>", "<cc>  <d>"])
    }

    @Test func `a price per minute is shown per hour, day and month`() {
        // 40 cents per hour, as the Hub rounds it per minute.
        let price = Price(dollarsPerHour: 6666.0 / 1_000_000 * 60)
        #expect(price.description == "$0.40 an hour, $9.60 a day, $288.00 a month")
        #expect(Price(dollarsPerHour: 0).description == "free")
    }

    @Test func `an age is shown in a suitable unit`() {
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        func ago(_ seconds: Double) -> String {
            RelativeTime.ago((now - seconds).formatted(.iso8601), now: now)
        }
        #expect(
            [5, 300, 7200, 90_000, 86_400 * 20].map(ago) == [
                "now", "5 min ago", "2 h ago", "25 h ago", "20 d ago",
            ])
        #expect(RelativeTime.ago("2027-01-15T07:58:30.123Z", now: now) == "1 min ago")
        #expect(RelativeTime.ago("\u{1B}[31msoon") == "soon")
    }
}

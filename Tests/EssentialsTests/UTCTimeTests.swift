import Foundation
import Testing

@testable import Essentials

struct UTCTimeTests {
    private let calendar: Calendar = {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        return calendar
    }()

    /// The years are 1600 to 9999, because Foundation uses the Julian calendar before 1582.
    @Test func `random times have the components of Foundation's calendar and convert back`() {
        var generator = SeededGenerator(state: 16)
        for _ in 0..<20_000 {
            let seconds = Int.random(in: -11_676_096_000...253_402_300_799, using: &generator)
            let date = Date(timeIntervalSince1970: Double(seconds))
            let time = UTCTime(date)
            let parts = calendar.dateComponents(
                [.year, .month, .day, .hour, .minute, .second, .weekday], from: date)
            #expect(
                [time.year, time.month, time.day, time.hour, time.minute, time.second, time.weekday + 1] == [
                    parts.year, parts.month, parts.day, parts.hour, parts.minute, parts.second, parts.weekday,
                ], "\(seconds)")
            #expect(time.date == date)
        }
    }

    @Test func `times are rounded down to whole seconds, also before 1970`() {
        #expect(UTCTime(Date(timeIntervalSince1970: 1.9)).second == 1)
        let before = UTCTime(Date(timeIntervalSince1970: -0.5))
        #expect((before.year, before.second) == (1969, 59))
    }

    @Test func `times out of range do not trap`() {
        for seconds in [Double.infinity, -Double.infinity, 1e300, -1e300, .nan] {
            let time = UTCTime(Date(timeIntervalSince1970: seconds))
            #expect((1...12).contains(time.month))
            #expect(!time.httpText.isEmpty)
        }
    }

    @Test func `a day after the end of its month becomes one of the next month`() {
        #expect(UTCTime(UTCTime(year: 2026, month: 2, day: 31).date).day == 3)
    }

    @Test func `the HTTP date example of RFC 9110 is formatted exactly`() {
        #expect(
            UTCTime(Date(timeIntervalSince1970: 784_111_777)).httpText == "Sun, 06 Nov 1994 08:49:37 GMT")
    }
}

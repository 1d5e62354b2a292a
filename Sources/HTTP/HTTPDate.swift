import Essentials

/// Parser of dates in HTTP headers: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 5.6.7).
package enum HTTPDate {
    package static func parse(_ text: String) -> Date? {
        guard text.utf8.count <= 64 else { return nil }
        let fields = text.split(whereSeparator: { $0 == " " || $0 == "-" || $0 == "," })
        guard fields.count >= 5, let day = Int(fields[1]), let year = Int(fields[3]) else { return nil }
        guard let month = UTCTime.months.firstIndex(of: String(fields[2])) else { return nil }
        let time = fields[4].split(separator: ":").compactMap { Int($0) }
        guard time.count == 3, (1...31).contains(day), (0...9999).contains(year),
            (0...23).contains(time[0]), (0...59).contains(time[1]), (0...60).contains(time[2])
        else { return nil }
        return UTCTime(
            year: year < 100 ? 2000 + year : year, month: month + 1, day: day,
            hour: time[0], minute: time[1], second: time[2]
        ).date
    }
}

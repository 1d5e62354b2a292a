import Foundation

/// Dates of HTTP headers: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 5.6.7).
package enum HTTPDate {
    package static func parse(_ text: String) -> Date? {
        guard text.utf8.count <= 64 else { return nil }
        let words = text.split(whereSeparator: { $0 == " " || $0 == "-" || $0 == "," })
        guard words.count >= 5, let day = Int(words[1]), let year = Int(words[3]) else { return nil }
        guard let month = months.firstIndex(of: String(words[2])) else { return nil }
        let time = words[4].split(separator: ":").compactMap { Int($0) }
        // A calendar traps, or searches for long, where a number is far out.
        guard time.count == 3, (1...31).contains(day), (0...9999).contains(year),
            (0...23).contains(time[0]), (0...59).contains(time[1]), (0...60).contains(time[2])
        else { return nil }
        var parts = DateComponents()
        (parts.year, parts.month, parts.day) = (year < 100 ? 2000 + year : year, month + 1, day)
        (parts.hour, parts.minute, parts.second) = (time[0], time[1], time[2])
        parts.timeZone = TimeZone(secondsFromGMT: 0)
        return Calendar(identifier: .gregorian).date(from: parts)
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}

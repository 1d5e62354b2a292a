extension Duration {
    /// Parses `90s`, `20m`, `1h30m`, `2d`, `500ms`, `0.5s` or plain seconds; `nil` for anything
    /// else and for values that are not above zero.
    package init?(text: some StringProtocol) {
        guard let length = Self.parse(text.lowercased()), length > .zero else { return nil }
        self = length
    }

    /// Parses a duration like `init(text:)`, but also accepts zero.
    package init?(waiting text: some StringProtocol) {
        guard let length = Self.parse(text.lowercased()) else { return nil }
        self = length
    }

    private static func parse(_ text: String) -> Duration? {
        // Prevents an overflow of the sum of many parts.
        guard text.utf8.count <= 64 else { return nil }
        var total = Duration.zero
        var remaining = (text + (text.allSatisfy(\.isNumber) ? "s" : ""))[...]
        guard !text.isEmpty else { return nil }
        while !remaining.isEmpty {
            let digits = remaining.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            remaining = remaining.dropFirst(digits.count)
            let unit = remaining.prefix { !$0.isNumber }
            remaining = remaining.dropFirst(unit.count)
            guard let part = parse(digits, String(unit)) else { return nil }
            total += part
        }
        return total
    }

    private static func parse(_ digits: Substring, _ unit: String) -> Duration? {
        let units: [String: Int64] = ["ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
        guard let factor = units[unit] else { return nil }
        let halves = digits.split(separator: ".", omittingEmptySubsequences: false)
        guard let whole = halves.first.flatMap({ Int64($0) }), whole < 1 << 32 else { return nil }
        guard halves.count > 1 else { return .milliseconds(whole * factor) }
        // Only seconds may have a fraction, with at most three digits.
        guard unit == "s", halves.count == 2, (1...3).contains(halves[1].count),
            let part = Int64((halves[1] + "00").prefix(3))
        else { return nil }
        return .milliseconds(whole * 1000 + part)
    }

    /// The duration as an age: `now`, `5 min ago`, `3 h ago`, `12 d ago`.
    package var ago: String {
        let seconds = components.seconds
        switch seconds {
        case ..<60: return "now"
        case ..<3600: return "\(seconds / 60) min ago"
        case ..<172_800: return "\(seconds / 3600) h ago"
        default: return "\(seconds / 86_400) d ago"
        }
    }

    /// Returns the age of a time in the format of `ago`. Both times are in seconds since 1970; a
    /// commit may contain any time.
    package static func ago(_ time: Int64, now: Int64) -> String {
        let (age, isOverflow) = now.subtractingReportingOverflow(time)
        return Duration.seconds(isOverflow ? 0 : max(0, age)).ago
    }

    /// The duration in its shortest form: `1h30m`, `45s`, `500ms`.
    package var text: String {
        let (seconds, millis) = (components.seconds, components.attoseconds / 1_000_000_000_000_000)
        let parts = [
            (seconds / 3600, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s"), (millis, "ms"),
        ]
        let formatted = parts.filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }.joined()
        return formatted.isEmpty ? "0s" : formatted
    }
}

extension Int {
    /// The number of bytes in a readable unit: `12 B`, `3.4 KiB`, `11.0 MiB`.
    package var asSize: String {
        guard self >= 1024 else { return "\(self) B" }
        let names = ["KiB", "MiB", "GiB", "TiB"]
        var (unit, index) = (1 << 10, 0)
        while index < names.count - 1, self >= unit << 10 { (unit, index) = (unit << 10, index + 1) }
        let tenths = self / unit * 10 + (self % unit * 10 + unit / 2) / unit
        return "\(tenths / 10).\(tenths % 10) \(names[index])"
    }

    /// Returns the sum, clamped to the range of `Int`: the size in an LFS pointer may be any number.
    package func addingClamped(_ other: Int) -> Int {
        let (sum, didOverflow) = addingReportingOverflow(other)
        return didOverflow ? (other < 0 ? .min : .max) : sum
    }
}

extension [String] {
    /// The elements as a list in a sentence: `a, b and c`.
    package var formattedList: String {
        count < 2 ? first ?? "" : dropLast().joined(separator: ", ") + " and " + (last ?? "")
    }
}

extension StringProtocol {
    package var trimmed: String {
        let start = drop { $0.isWhitespace }
        return String(start.reversed().drop { $0.isWhitespace }.reversed())
    }

    package func containsUTF8(_ text: String) -> Bool { Array(utf8).containsUTF8(text) }
}

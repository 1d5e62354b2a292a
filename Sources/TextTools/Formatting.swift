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

    /// The forms in which durations are printed.
    package enum Form {
        /// The notation of settings: `1h30m`, `45s`, `500ms`.
        case setting
        /// The notation of settings with days: `1d12h`.
        case days
        /// The notation of settings in minutes and seconds: `90m`, `1m30s`, `45s`.
        case minutes
        /// The duration of something that ended: `0.06 s`, `3.1 s`, `2 min 5 s`.
        case elapsed
        /// The duration of something that goes on: `5 s`, `2 min 5 s`.
        case running
        /// The time since an event: `now`, `5 min ago`, `3 h ago`, `12 d ago`.
        case age
        /// Seconds with one decimal, without a unit: `1.4`.
        case tenths
    }

    package func text(_ form: Form) -> String {
        let (seconds, attoseconds) = components
        switch form {
        case .setting: return text([(3600, "h"), (60, "m"), (1, "s")], withMilliseconds: true)
        case .days: return text([(86_400, "d"), (3600, "h"), (60, "m"), (1, "s")])
        case .minutes: return text([(60, "m"), (1, "s")])
        case .elapsed:
            let exact = self / .seconds(1)
            if exact < 1 { return "\((exact * 100).rounded() / 100) s" }
            return exact < 60 ? "\((exact * 10).rounded() / 10) s" : "\(seconds / 60) min \(seconds % 60) s"
        case .running: return seconds < 60 ? "\(seconds) s" : "\(seconds / 60) min \(seconds % 60) s"
        case .age:
            switch seconds {
            case ..<60: return "now"
            case ..<3600: return "\(seconds / 60) min ago"
            case ..<172_800: return "\(seconds / 3600) h ago"
            default: return "\(seconds / 86_400) d ago"
            }
        case .tenths:
            let tenths = seconds * 10 + attoseconds / 100_000_000_000_000_000
            return "\(tenths / 10).\(tenths % 10)"
        }
    }

    private func text(_ units: [(Int64, String)], withMilliseconds: Bool = false) -> String {
        var (remaining, text) = (components.seconds, "")
        for (size, unit) in units where remaining >= size {
            text += "\(remaining / size)\(unit)"
            remaining %= size
        }
        let milliseconds = components.attoseconds / 1_000_000_000_000_000
        if withMilliseconds, milliseconds > 0 { text += "\(milliseconds)ms" }
        return text.isEmpty ? "0s" : text
    }

    /// Returns the age of a time. Both times are in seconds since 1970; a commit may contain any time.
    package static func ago(_ time: Int64, now: Int64) -> String {
        let (age, isOverflow) = now.subtractingReportingOverflow(time)
        return Duration.seconds(isOverflow ? 0 : max(0, age)).text(.age)
    }
}

/// Returns a number with its noun: `1 file`, `3 files`, `2 entries`.
/// - Parameter plural: the plural of the noun; `nil` if it ends in `s` only.
package func counted(_ number: Int, _ noun: String, plural: String? = nil) -> String {
    "\(number) \(number == 1 ? noun : plural ?? noun + "s")"
}

extension Int {
    /// The number of bytes in powers of 1024: `12 B`, `3.4 KiB`, `11.0 MiB`.
    package var asSize: String {
        guard self >= 1024 else { return "\(self) B" }
        let names = ["KiB", "MiB", "GiB", "TiB"]
        var (unit, index) = (1024, 0)
        while index < names.count - 1, self >= unit * 1024 { (unit, index) = (unit * 1024, index + 1) }
        let tenths = self / unit * 10 + (self % unit * 10 + unit / 2) / unit
        return "\(tenths / 10).\(tenths % 10) \(names[index])"
    }

    /// Returns the sum, clamped to the range of `Int`: the size in an LFS pointer may be any number.
    package func addingClamped(_ other: Int) -> Int {
        let (sum, didOverflow) = addingReportingOverflow(other)
        return didOverflow ? (other < 0 ? .min : .max) : sum
    }
}

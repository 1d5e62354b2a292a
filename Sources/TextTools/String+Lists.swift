extension [String] {
    /// `a, b and c`
    package var enumerated: String {
        count < 2 ? first ?? "" : dropLast().joined(separator: ", ") + " and " + (last ?? "")
    }
}

extension StringProtocol {
    package var trimmed: String {
        let start = drop { $0.isWhitespace }
        return String(start.reversed().drop { $0.isWhitespace }.reversed())
    }

    package func holds(_ text: String) -> Bool { Array(utf8).holds(text) }
}

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

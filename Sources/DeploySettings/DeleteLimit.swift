/// How many of the Space's files a deploy may remove without being told to: a number, or a share of them.
package enum DeleteLimit: Hashable, Sendable {
    case count(Int)
    case percent(Int)
    /// Half of them, or ten where that is more.
    case standard

    package init?(_ text: String) {
        let isShare = text.hasSuffix("%")
        guard let number = Int(isShare ? String(text.dropLast()) : text), number >= 0 else { return nil }
        guard !isShare || number <= 100 else { return nil }
        self = isShare ? .percent(number) : .count(number)
    }

    package func allows(_ removed: Int, of total: Int) -> Bool {
        switch self {
        case .count(let limit): removed <= limit
        case .percent(let share): removed * 100 <= total * share
        case .standard: removed <= 10 || removed * 2 <= total
        }
    }
}

/// The number of the Space's files, or their percentage, that a deploy may remove without `--force`.
package enum DeleteLimit: Hashable, Sendable {
    case count(Int)
    case percent(Int)
    /// Half of the files, or ten if that is more.
    case standard

    package init?(_ text: String) {
        let isPercentage = text.hasSuffix("%")
        guard let number = Int(isPercentage ? String(text.dropLast()) : text), number >= 0 else { return nil }
        guard !isPercentage || number <= 100 else { return nil }
        self = isPercentage ? .percent(number) : .count(number)
    }

    package func allows(_ removed: Int, of total: Int) -> Bool {
        switch self {
        case .count(let limit): removed <= limit
        case .percent(let share): removed * 100 <= total * share
        case .standard: removed <= 10 || removed * 2 <= total
        }
    }
}

import TextTools

/// The time without visits after which a Space goes to sleep.
package enum SleepTime: Hashable, Sendable, CustomStringConvertible {
    case never
    /// A positive number of seconds.
    case seconds(Int)

    /// Creates a sleep time from the Hub's value in seconds, with -1 for never; `nil` if the value
    /// is invalid.
    package init?(seconds: Int) {
        switch seconds {
        case -1: self = .never
        case 1...: self = .seconds(seconds)
        default: return nil
        }
    }

    /// Parses `never`, `-1`, `3600` (seconds) or `1h30m`; `nil` if the text is none of them.
    package init?(_ text: String) {
        if text.lowercased() == "never" {
            self = .never
        } else if let seconds = Int(text) {
            self.init(seconds: seconds)
        } else {
            guard let duration = Duration(text: text), duration >= .seconds(1) else { return nil }
            self.init(seconds: Int(clamping: duration.components.seconds))
        }
    }

    /// Whether the time exceeds a week: a Space that is visited now and then would never sleep and
    /// always cost money.
    package var isEndless: Bool { self == .never || seconds > 7 * 86_400 }

    /// Returns whether a change to this time makes the Space run (and cost money) almost continuously.
    /// - Parameter now: The present sleep time; `nil` if it is not known.
    package func staysAwake(after now: SleepTime?) -> Bool {
        guard isEndless, let now else { return isEndless }
        return now != .never && (self == .never || seconds > now.seconds)
    }

    /// The Hub's value in seconds, with -1 for never.
    package var seconds: Int {
        switch self {
        case .never: -1
        case .seconds(let seconds): seconds
        }
    }

    package var description: String {
        self == .never ? "never" : Duration.seconds(seconds).text(.days)
    }
}

import TextTools

/// After how long without a visit a Space goes to sleep.
package enum SleepTime: Hashable, Sendable, CustomStringConvertible {
    case never
    /// Above 0.
    case seconds(Int)

    /// As the Hub writes it: -1 is never; nil for what is no time.
    package init?(seconds: Int) {
        switch seconds {
        case -1: self = .never
        case 1...: self = .seconds(seconds)
        default: return nil
        }
    }

    /// `never`, `-1`, `3600` (seconds), `1h30m`.
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

    /// So long (a week) that a Space which somebody looks at now and then never sleeps, and costs money always.
    package var isEndless: Bool { self == .never || seconds > 7 * 86_400 }

    /// It begins to cost always: less sleep than before, and hardly any.
    package func staysAwake(after now: SleepTime?) -> Bool {
        guard isEndless, let now else { return isEndless }
        return now != .never && (self == .never || seconds > now.seconds)
    }

    /// As the Hub takes it.
    package var seconds: Int {
        switch self {
        case .never: -1
        case .seconds(let seconds): seconds
        }
    }

    package var description: String {
        guard case .seconds(let seconds) = self else { return "never" }
        let parts = [(86_400, "d"), (3600, "h"), (60, "m"), (1, "s")]
        var (rest, text) = (seconds, "")
        for (size, unit) in parts where rest >= size {
            text += "\(rest / size)\(unit)"
            rest %= size
        }
        return text
    }
}

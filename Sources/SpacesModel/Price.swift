/// The price of hardware while it runs, according to the Hub's list.
package struct Price: Hashable, Sendable, CustomStringConvertible {
    /// The price in US dollars per hour.
    package let dollarsPerHour: Double

    /// The Hub reports a rounded price per minute; rounding the hour to a tenth of a cent restores
    /// the real price.
    package init(dollarsPerHour: Double) { self.dollarsPerHour = (dollarsPerHour * 1000).rounded() / 1000 }

    package var isFree: Bool { dollarsPerHour <= 0 }

    /// Returns the cost of a number of hours, formatted: `$9.60`.
    package func cost(hours: Double) -> String {
        let amount = (dollarsPerHour * hours * 100).rounded()
        guard amount.isFinite, abs(amount) < 1e15 else { return "$\(dollarsPerHour * hours)" }
        let cents = Int(amount)
        return "$\(cents / 100).\(cents % 100 < 10 ? "0" : "")\(cents % 100)"
    }

    /// The prices as table columns: per hour, per day, per month of 30 days.
    package var columns: [String] {
        isFree ? ["free", "", ""] : [cost(hours: 1), cost(hours: 24), cost(hours: 720)]
    }

    package var description: String {
        isFree ? "free" : "\(cost(hours: 1)) an hour, \(cost(hours: 24)) a day, \(cost(hours: 720)) a month"
    }
}

/// A hardware flavour with its current price, as reported by the Hub.
package struct Hardware: Hashable, Sendable {
    package var name: String
    package var prettyName: String
    package var cpu: String?
    package var memory: String?
    package var accelerator: String?
    /// The price; `nil` if the Hub does not report it.
    package var price: Price?

    package init(
        name: String, prettyName: String? = nil, cpu: String? = nil, memory: String? = nil,
        accelerator: String? = nil, price: Price?
    ) {
        (self.name, self.prettyName) = (name, prettyName ?? name)
        (self.cpu, self.memory, self.accelerator, self.price) = (cpu, memory, accelerator, price)
    }
}

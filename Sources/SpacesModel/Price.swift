/// What hardware costs while it runs, by the Hub's own list.
package struct Price: Hashable, Sendable, CustomStringConvertible {
    /// US dollars.
    package let dollarsPerHour: Double

    /// The Hub tells it for a minute, rounded: an hour in tenths of a cent is what was meant.
    package init(dollarsPerHour: Double) { self.dollarsPerHour = (dollarsPerHour * 1000).rounded() / 1000 }

    package var isFree: Bool { dollarsPerHour <= 0 }

    /// Of so many hours: `$9.60`.
    package func cost(hours: Double) -> String {
        let amount = (dollarsPerHour * hours * 100).rounded()
        guard amount.isFinite, abs(amount) < 1e15 else { return "$\(dollarsPerHour * hours)" }
        let cents = Int(amount)
        return "$\(cents / 100).\(cents % 100 < 10 ? "0" : "")\(cents % 100)"
    }

    /// Columns of a table: an hour, a day, a month of 30 days.
    package var columns: [String] {
        isFree ? ["free", "", ""] : [cost(hours: 1), cost(hours: 24), cost(hours: 720)]
    }

    package var description: String {
        isFree ? "free" : "\(cost(hours: 1)) an hour, \(cost(hours: 24)) a day, \(cost(hours: 720)) a month"
    }
}

/// A flavour of hardware, as the Hub tells it today.
package struct Hardware: Hashable, Sendable {
    package var name: String
    package var prettyName: String
    package var cpu: String?
    package var memory: String?
    package var accelerator: String?
    /// nil when the Hub does not say.
    package var price: Price?

    package init(
        name: String, prettyName: String? = nil, cpu: String? = nil, memory: String? = nil,
        accelerator: String? = nil, price: Price?
    ) {
        (self.name, self.prettyName) = (name, prettyName ?? name)
        (self.cpu, self.memory, self.accelerator, self.price) = (cpu, memory, accelerator, price)
    }
}

import SpacesModel

/// Colours by ECMA-48 SGR, if they are enabled.
package struct Style: Sendable {
    package let isOn: Bool

    package init(isOn: Bool) { self.isOn = isOn }

    package func bold(_ text: String) -> String { wrap(text, "1") }
    package func dim(_ text: String) -> String { wrap(text, "2") }
    package func red(_ text: String) -> String { wrap(text, "31") }
    package func green(_ text: String) -> String { wrap(text, "32") }
    package func yellow(_ text: String) -> String { wrap(text, "33") }

    package func of(_ stage: Stage) -> String { of(stage, stage.rawValue.visible) }

    /// Returns the text in the colour of a stage.
    package func of(_ stage: Stage, _ text: String) -> String {
        if stage == .running { return green(text) }
        return stage.rawValue.hasSuffix("ERROR") || stage == .noAppFile ? red(text) : yellow(text)
    }

    private func wrap(_ text: String, _ code: String) -> String {
        isOn ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}

extension Int {
    /// The size in powers of 1000: `812 B`, `14.9 KB`, `1.2 GB`.
    package var asBytes: String {
        var amount = Double(self)
        for unit in ["B", "KB", "MB", "GB"] {
            if amount < 1000 { return unit == "B" ? "\(self) B" : "\((amount * 10).rounded() / 10) \(unit)" }
            amount /= 1000
        }
        return "\((amount * 10).rounded() / 10) TB"
    }
}

extension Duration {
    /// The duration as text: `0.06 s`, `3.1 s`, `2 min 5 s`.
    package var asSeconds: String {
        let seconds = self / .seconds(1)
        if seconds < 1 { return "\((seconds * 100).rounded() / 100) s" }
        if seconds < 60 { return "\((seconds * 10).rounded() / 10) s" }
        return "\(Int(seconds) / 60) min \(Int(seconds) % 60) s"
    }
}

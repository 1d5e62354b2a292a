extension Duration {
    /// Reads `90s`, `20m`, `1h30m`, `2d`, or plain seconds; nil for anything else or a value that is not above zero.
    package init?(text: some StringProtocol) {
        var total: Int64 = 0
        var digits = ""
        for character in text.lowercased() + (text.allSatisfy(\.isNumber) ? "s" : "") {
            if character.isASCII, character.isNumber {
                digits.append(character)
                continue
            }
            let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86400]
            guard let unit = units[character], let number = Int64(digits), number < 1 << 32 else {
                return nil
            }
            total += number * unit
            digits = ""
        }
        guard digits.isEmpty, total > 0 else { return nil }
        self = .seconds(total)
    }

    /// `1h30m`, `45s`: the shortest way to write whole seconds.
    package var text: String {
        let seconds = components.seconds
        let parts = [(seconds / 3600, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")]
        let written = parts.filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }.joined()
        return written.isEmpty ? "0s" : written
    }
}

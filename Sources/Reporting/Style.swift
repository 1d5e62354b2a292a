import SpacesModel
import TextTools

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

extension String {
    /// The text made safe for a terminal: control sequences (ECMA-48 CSI and OSC, started by ESC)
    /// and C0 control characters are removed. C1 control characters, bidirectional marks and
    /// zero-width characters are shown as escapes (`\u{200b}`), so that different names never look
    /// the same. Emoji and the joiners of other scripts stay. All external text (logs, remote
    /// lines, names) is printed through this property.
    package var visible: String {
        // Most text is ASCII and need not be copied.
        if utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return self }
        var result = String.UnicodeScalarView()
        var remaining = unicodeScalars[...]
        var previous: Unicode.Scalar?
        while let scalar = remaining.popFirst() {
            if scalar == "\u{1B}" {
                remaining.dropEscapeSequence()
            } else if scalar == "\t" {
                result.append(contentsOf: "    ".unicodeScalars)
            } else if !ScalarRules.isC0(scalar) {
                let isShown =
                    !scalar.isHidden
                    || ScalarRules.belongs(scalar, between: previous, and: remaining.first)
                if isShown {
                    result.append(scalar)
                } else {
                    result.append(contentsOf: scalar.escaped.unicodeScalars)
                }
            }
            previous = scalar
        }
        return String(result)
    }
}

/// Rules for single scalars of text that is shown.
private enum ScalarRules {
    static func isC0(_ scalar: Unicode.Scalar) -> Bool { scalar.value < 32 || scalar.value == 127 }

    /// Whether a hidden character has its usual function between its neighbours: a space, a variation
    /// selector after an emoji, a joiner inside an emoji or a word, the tags of a flag.
    static func belongs(
        _ scalar: Unicode.Scalar, between previous: Unicode.Scalar?, and next: Unicode.Scalar?
    ) -> Bool {
        if scalar.properties.generalCategory == .spaceSeparator { return true }
        guard let previous else { return false }
        switch scalar.value {
        case 0xFE0E, 0xFE0F:
            return previous.properties.isEmoji && (previous.value > 0xFF || next?.value == 0x20E3)
        case 0x200C, 0x200D:
            return isJoinable(previous) && next.map(isJoinable) == true
        case 0xE0020...0xE007F:
            return previous.value == 0x1F3F4 || (0xE0020...0xE007F).contains(previous.value)
        default: return false
        }
    }

    private static func isJoinable(_ scalar: Unicode.Scalar) -> Bool {
        let properties = scalar.properties
        return scalar.value > 0xFF
            && (scalar.value == 0xFE0F || properties.isEmoji || properties.isEmojiModifier
                || properties.isAlphabetic || properties.generalCategory == .nonspacingMark)
    }
}

extension Unicode.Scalar {
    /// Whether the scalar is invisible or misleading in output: control characters (C0 and C1),
    /// bidirectional controls, zero-width characters, and blanks other than U+0020.
    package var isHidden: Bool {
        switch value {
        case 0x20...0x7E: return false
        case 0..<0x20, 0x7F...0x9F, 0x2800: return true
        default: break
        }
        if properties.isDefaultIgnorableCodePoint { return true }
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator: return true
        default: return false
        }
    }

    /// The scalar as an escape sequence: `\u{200b}`.
    package var escaped: String { "\\u{\(String(value, radix: 16))}" }

    /// Whether the scalar is a bidirectional control (Unicode Bidirectional Algorithm, UAX #9).
    package var isBidirectionalControl: Bool {
        switch value {
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    /// Whether the scalar is not allowed in names and lines of commits that spacesync writes.
    package var isUnsafeInCommit: Bool {
        properties.generalCategory == .control || isBidirectionalControl || value == 0x2028 || value == 0x2029
    }
}

extension Substring.UnicodeScalarView {
    /// Removes an escape sequence after ESC: `[…x` up to its final byte, `]…` up to BEL or ST, or
    /// one character.
    package mutating func dropEscapeSequence() {
        switch popFirst() {
        case "[": dropControlSequence()
        case "]", "P", "_", "^", "X": dropString()
        default: break
        }
    }

    private mutating func dropControlSequence() {
        while let scalar = popFirst() {
            if (0x40...0x7E).contains(scalar.value) { return }
        }
    }

    private mutating func dropString() {
        while let scalar = popFirst() {
            if scalar == "\u{7}" || scalar == "\u{9C}" { return }
            if scalar == "\u{1B}" {
                if first == "\\" { removeFirst() }
                return
            }
        }
    }
}

extension Unicode.Scalar {
    /// True for what is not seen, or seen as something else, where text is shown: control characters (C0 and C1),
    /// marks that turn the direction of a line, zero-width characters, and blanks other than the usual one.
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

    /// `\u{200b}`
    package var escaped: String { "\\u{\(String(value, radix: 16))}" }

    /// A mark that turns the direction of a line (Unicode Bidirectional Algorithm, UAX #9).
    package var isBidirectionalControl: Bool {
        switch value {
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}

/// How much of a text from outside is shown, in Unicode scalars: a single character may have any number of marks.
package enum ShownLimit {
    /// The subject of a commit.
    package static let subject = 120
    /// The name of a branch or tag.
    package static let branch = 100
}

extension Unicode.Scalar {
    /// True for what stands in no name and no line of a commit that we write.
    package var isUnsafeInCommit: Bool {
        properties.generalCategory == .control || isBidirectionalControl || value == 0x2028 || value == 0x2029
    }
}

extension StringProtocol {
    /// The text, or its beginning with an ellipsis.
    package func shortened(to limit: Int) -> String {
        let scalars = unicodeScalars
        guard let end = scalars.index(scalars.startIndex, offsetBy: limit, limitedBy: scalars.endIndex),
            end < scalars.endIndex
        else { return String(self) }
        return String(String.UnicodeScalarView(scalars[..<end])) + "\u{2026}"
    }

    /// The text without control characters and marks of direction, as it may stand in a commit: blanks in their place.
    package var withoutControls: String {
        guard unicodeScalars.contains(where: \.isUnsafeInCommit) else { return String(self) }
        return String(String.UnicodeScalarView(unicodeScalars.map { $0.isUnsafeInCommit ? " " : $0 }))
    }
}

extension String {
    /// True for a line of which nothing is seen: blanks, control characters and escape sequences of terminals.
    package var isInvisible: Bool {
        var rest = unicodeScalars[...]
        while let scalar = rest.popFirst() {
            if scalar == "\u{1B}" {
                rest.dropEscapeSequence()
            } else if scalar.value >= 32, scalar.value != 127, !scalar.properties.isWhitespace {
                return false
            }
        }
        return true
    }
}

extension Substring.UnicodeScalarView {
    /// Behind an ESC: `[…x` up to its final byte, `]…` up to BEL or ST, or one character.
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

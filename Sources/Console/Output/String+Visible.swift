extension String {
    /// The text as it may be shown: control sequences of terminals (ECMA-48 CSI and OSC) and control characters go, and
    /// so do the marks that turn a line's direction around. Text from outside (logs, remote lines, file names) comes
    /// to a terminal only through here.
    var visible: String {
        // Most text is plain: it is not copied.
        if utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return self }
        var result = String.UnicodeScalarView()
        var rest = unicodeScalars[...]
        while let scalar = rest.popFirst() {
            if scalar == "\u{1B}" {
                rest.dropEscapeSequence()
            } else if scalar == "\u{9B}" {
                rest.dropControlSequence()
            } else if scalar == "\t" {
                result.append(contentsOf: "    ".unicodeScalars)
            } else if !scalar.isControl {
                result.append(scalar)
            }
        }
        return String(result)
    }
}

extension Unicode.Scalar {
    fileprivate var isControl: Bool {
        switch value {
        case 0..<32, 127..<160, 0x200E...0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}

extension Substring.UnicodeScalarView {
    /// Behind an ESC: `[…x` up to its final byte, `]…` up to BEL or ST, or one character.
    fileprivate mutating func dropEscapeSequence() {
        switch popFirst() {
        case "[": dropControlSequence()
        case "]", "P", "_", "^", "X": dropString()
        default: break
        }
    }

    fileprivate mutating func dropControlSequence() {
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

extension StringProtocol {
    package var trimmed: String {
        let start = drop { $0.isWhitespace }
        return String(start.reversed().drop { $0.isWhitespace }.reversed())
    }

    package func containsUTF8(_ text: String) -> Bool { Array(utf8).containsUTF8(text) }

    /// Returns the text, truncated with an ellipsis if it is longer than `limit` Unicode scalars.
    package func shortened(to limit: Int) -> String {
        let scalars = unicodeScalars
        guard let end = scalars.index(scalars.startIndex, offsetBy: limit, limitedBy: scalars.endIndex),
            end < scalars.endIndex
        else { return String(self) }
        return String(String.UnicodeScalarView(scalars[..<end])) + "\u{2026}"
    }

    /// The text for use in a commit, with control characters and bidirectional controls replaced by blanks.
    package var withoutControls: String {
        guard unicodeScalars.contains(where: \.isUnsafeInCommit) else { return String(self) }
        return String(String.UnicodeScalarView(unicodeScalars.map { $0.isUnsafeInCommit ? " " : $0 }))
    }

    /// Whether nothing of the text is visible: only blanks, control characters and terminal escape
    /// sequences.
    package var isInvisible: Bool {
        var remaining = String(self)[...].unicodeScalars
        while let scalar = remaining.popFirst() {
            if scalar == "\u{1B}" {
                remaining.dropEscapeSequence()
            } else if scalar.value >= 32, scalar.value != 127, !scalar.properties.isWhitespace {
                return false
            }
        }
        return true
    }
}

extension [String] {
    /// The elements as a list in a sentence: `a, b and c`.
    package var formattedList: String {
        count < 2 ? first ?? "" : dropLast().joined(separator: ", ") + " and " + (last ?? "")
    }
}

/// Display limits of untrusted text in Unicode scalars, as a single character may have any number
/// of combining marks.
package enum ShownLimit {
    /// The subject of a commit.
    package static let subject = 120
    /// The name of a branch or tag.
    package static let branch = 100
}

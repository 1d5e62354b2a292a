import TextTools

/// The text of a folded multi-line scalar: a single line end becomes a space, n line ends become n
/// - 1.
struct FoldedLines {
    private(set) var bytes: [UInt8] = []
    /// The offset before which blanks were escaped and must not be trimmed.
    private var protected = 0

    var text: String { bytes.text }

    mutating func append(_ more: some Sequence<UInt8>) { bytes += more }

    mutating func append(protected more: [UInt8]) {
        bytes += more
        protectBlanks()
    }

    mutating func protectBlanks() { protected = bytes.count }

    mutating func trimBlanks() {
        while bytes.count > protected, bytes.last?.isBlank ?? false { bytes.removeLast() }
    }

    mutating func breakLine(_ count: Int) {
        bytes += count == 1 ? [.space] : Array(repeating: .newline, count: count - 1)
        protectBlanks()
    }
}

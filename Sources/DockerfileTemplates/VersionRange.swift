/// A range of versions, compared by major and minor: `>=3.10,<3.13` of Python's `requires-python`
/// (https://packaging.python.org/specifications/version-specifiers), Poetry's `^3.10`, npm's `^20
/// || >=22 <25` (https://docs.npmjs.com/cli/configuring-npm/package-json#engines).
struct VersionRange {
    private struct Bound {
        var sign: String
        /// As many numbers as were written.
        var numbers: [Int]
    }

    /// In bytes; longer ranges are not parsed.
    static let maxLength = 1_024

    /// A version must satisfy all bounds of at least one alternative.
    private let alternatives: [[Bound]]

    /// `nil` if the text cannot be parsed.
    init?(_ text: String) {
        guard text.utf8.count <= Self.maxLength else { return nil }
        var alternatives: [[Bound]] = []
        for alternative in text.split(separator: "|", omittingEmptySubsequences: true) {
            guard let bounds = Self.bounds(String(alternative)) else { return nil }
            alternatives.append(bounds)
        }
        guard !alternatives.isEmpty else { return nil }
        self.alternatives = alternatives
    }

    /// - Parameter version: major, or major and minor; it stands for the newest release of that
    ///   line.
    func contains(_ version: [Int]) -> Bool {
        alternatives.contains { bounds in bounds.allSatisfy { Self.isSatisfied($0, version) } }
    }

    private static func bounds(_ text: String) -> [Bound]? {
        var words = spaced(text)
        // `18 - 20` is a range in npm.
        if words.count == 3, words[1] == "-" { words = [">=\(words[0])", "<=\(words[2])"] }
        var bounds: [Bound] = []
        for word in words where word != "*" && word != "x" {
            let comparison = word.prefix { "<>=~^!".contains($0) }
            let parts = word.dropFirst(comparison.count).drop { $0 == "v" }.split(separator: ".").map(
                String.init)
            let digits = parts.prefix { !["*", "x", "X"].contains($0) }
            let numbers = digits.compactMap { Int($0.prefix { $0.isASCII && $0.isNumber }) }
            guard !numbers.isEmpty, numbers.count == digits.count else { return nil }
            bounds.append(Bound(sign: String(comparison), numbers: numbers))
        }
        return bounds
    }

    /// Splits the text into bounds, joining each operator with its version: `>= 18` is one bound.
    private static func spaced(_ text: String) -> [String] {
        text.split { $0 == " " || $0 == "," || $0 == "\t" }.reduce(into: []) { words, part in
            if let last = words.last, last.allSatisfy({ "<>=~^!".contains($0) }) {
                words[words.count - 1] = last + part
            } else {
                words.append(String(part))
            }
        }
    }

    private static func isSatisfied(_ bound: Bound, _ version: [Int]) -> Bool {
        let boundPrefix = Array(bound.numbers.prefix(version.count))
        let isEqual = version.prefix(boundPrefix.count).elementsEqual(boundPrefix)
        let order =
            version.prefix(boundPrefix.count).lexicographicallyPrecedes(boundPrefix) ? -1 : isEqual ? 0 : 1
        // The bound has more numbers than the version, which is the newest of its line and so
        // beyond the bound.
        let isMoreSpecific = bound.numbers.dropFirst(version.count).contains { $0 > 0 }
        switch bound.sign {
        case ">=": return order >= 0
        case ">": return order > 0 || (order == 0 && bound.numbers.count > version.count)
        case "<": return order < 0
        // npm's `<=20` includes all of 20; for Python 3.12.1 is greater than 3.12.
        case "<=": return order < 0 || (order == 0 && version.count == 1 && !isMoreSpecific)
        case "!=": return order != 0 || bound.numbers.count > version.count
        case "^": return order >= 0 && version.first == boundPrefix.first
        case "~=": return order >= 0 && version.starts(with: bound.numbers.dropLast().prefix(version.count))
        default: return order == 0
        }
    }
}

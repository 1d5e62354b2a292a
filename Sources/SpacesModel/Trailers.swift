import TextTools

/// The trailers (`Key: value` lines) at the end of a commit message (`git help
/// interpret-trailers`), in which a deploy stores information for later deploys.
package struct Trailers: Hashable, Sendable {
    package private(set) var fields: [Field] = []

    package struct Field: Hashable, Sendable {
        package var key: String
        package var value: String
    }

    package init() {}

    /// Parses the last paragraph of a message if it consists of trailers only.
    package init(of message: String) {
        let paragraphs = message.split(separator: "\n\n", omittingEmptySubsequences: true)
        guard paragraphs.count > 1, let last = paragraphs.last else { return }
        for line in last.split(separator: "\n") {
            let halves = line.split(separator: ":", maxSplits: 1)
            guard halves.count == 2, !halves[0].contains(" ") else {
                fields = []
                return
            }
            fields.append(Field(key: String(halves[0]), value: String(halves[1].drop { $0 == " " })))
        }
    }

    /// Returns the first value of a key, compared without case.
    package subscript(_ key: String) -> String? {
        fields.first { $0.key.lowercased() == key.lowercased() }?.value
    }

    /// Adds a trailer. Control characters in the value, such as line breaks, are replaced by blanks.
    package mutating func add(_ key: String, _ value: String) {
        fields.append(Field(key: key, value: value.withoutControls))
    }

    package var text: String { fields.map { "\($0.key): \($0.value)\n" }.joined() }
}

import TextTools

/// The `SettingKey: value` lines at the end of a commit message (`git help interpret-trailers`): what a deploy leaves for the
/// next one.
package struct Trailers: Hashable, Sendable {
    package private(set) var fields: [Field] = []

    package struct Field: Hashable, Sendable {
        package var key: String
        package var value: String
    }

    package init() {}

    /// Reads the last paragraph of a message, if all of it is trailers.
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

    /// The first value of a key, compared without case.
    package subscript(_ key: String) -> String? {
        fields.first { $0.key.lowercased() == key.lowercased() }?.value
    }

    /// Adds a line; control characters of the value, which would end it, become blanks.
    package mutating func add(_ key: String, _ value: String) {
        fields.append(Field(key: key, value: value.withoutControls))
    }

    package var text: String { fields.map { "\($0.key): \($0.value)\n" }.joined() }
}

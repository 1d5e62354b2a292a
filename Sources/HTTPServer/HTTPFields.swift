/// Header fields in order; names compare without case (RFC 9110, 5.1).
package struct HTTPFields: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    package private(set) var all: [Field]

    package struct Field: Hashable, Sendable {
        package var name: String
        package var value: String
    }

    package init() { all = [] }
    package init(dictionaryLiteral elements: (String, String)...) {
        all = elements.map { Field(name: $0.0, value: $0.1) }
    }

    package mutating func append(_ name: String, _ value: String) {
        all.append(Field(name: name, value: value))
    }

    /// All values of a name, in order.
    package func values(of name: String) -> [String] {
        let wanted = name.lowercased()
        return all.filter { $0.name.lowercased() == wanted }.map(\.value)
    }

    /// The first value of a name; setting replaces all of them, nil removes them.
    package subscript(_ name: String) -> String? {
        get { values(of: name).first }
        set {
            let wanted = name.lowercased()
            all.removeAll { $0.name.lowercased() == wanted }
            if let newValue { append(name, newValue) }
        }
    }
}

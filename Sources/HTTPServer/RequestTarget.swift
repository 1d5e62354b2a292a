/// The target of a request: path segments and query, percent-decoded (RFC 3986).
package struct RequestTarget: Hashable, Sendable {
    /// The path as it was sent, without the query.
    package var rawPath: String
    /// The query as it was sent, without `?`; empty if there is none.
    package var rawQuery: String
    /// The path's segments, each decoded separately, so that `refs%2Fpr%2F1` is one segment.
    package var segments: [String]
    package var query: [QueryItem]

    package struct QueryItem: Hashable, Sendable {
        package var name: String
        package var value: String
    }

    /// Parses the target of a request line: an absolute path, or an absolute URL as sent to proxies.
    package init(_ text: some StringProtocol) throws(BadRequest) {
        let path = try Self.withoutOrigin(Substring(text))
        let queryStart = path.firstIndex(of: "?") ?? path.endIndex
        rawPath = String(path[..<queryStart])
        rawQuery = String(path[queryStart...].dropFirst())
        segments = []
        for part in rawPath.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            segments.append(try Self.decode(part))
        }
        query = []
        for pair in rawQuery.split(separator: "&") {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = sides.count > 1 ? sides[1] : ""
            query.append(
                QueryItem(
                    name: try Self.decode(sides[0], plusIsSpace: true),
                    value: try Self.decode(value, plusIsSpace: true)))
        }
    }

    /// Returns the first value of a query item; `nil` if there is none.
    package func value(_ name: String) -> String? { query.first { $0.name == name }?.value }
    /// Returns all values of a query item, including those named `name[]`.
    package func values(_ name: String) -> [String] {
        query.filter { $0.name == name || $0.name == name + "[]" }.map(\.value)
    }

    private static func withoutOrigin(_ text: Substring) throws(BadRequest) -> Substring {
        if text.hasPrefix("/") { return text }
        guard let scheme = text.range(of: "://"), text.hasPrefix("http") else {
            throw BadRequest(400, "The request target is no path.")
        }
        let remainder = text[scheme.upperBound...]
        guard let slash = remainder.firstIndex(of: "/") else { return "/" }
        return remainder[slash...]
    }

    private static func decode(
        _ part: Substring, plusIsSpace: Bool = false
    ) throws(BadRequest) -> String {
        var bytes: [UInt8] = []
        var remaining = Array(part.utf8)[...]
        while let byte = remaining.popFirst() {
            if byte == UInt8(ascii: "%") {
                guard let high = remaining.popFirst()?.hexValue, let low = remaining.popFirst()?.hexValue
                else {
                    throw BadRequest(400, "The request target has a broken percent escape.")
                }
                bytes.append(high << 4 | low)
            } else {
                bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            throw BadRequest(400, "The request target is no UTF-8 text.")
        }
        return text
    }
}

extension Substring {
    fileprivate func range(of text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            formIndex(after: &start)
        }
        return nil
    }
}

extension UInt8 {
    /// The value of an ASCII hexadecimal digit; `nil` if the byte is none.
    var hexValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

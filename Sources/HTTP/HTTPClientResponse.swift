import Essentials
import TextTools

/// An HTTP response with its whole body.
package struct HTTPClientResponse: Sendable {
    package var status: Int
    package var headers: HTTPFields
    /// The URL of the response, after redirects.
    package var url: URL
    package var body: Data

    package init(status: Int, headers: HTTPFields, url: URL, body: Data) {
        (self.status, self.headers, self.url, self.body) = (status, headers, url, body)
    }

    package var isSuccess: Bool { (200..<300).contains(status) }
    /// The body as text; bytes that are not UTF-8 become U+FFFD.
    package var text: String { String(decoding: body, as: UTF8.self) }
}

extension HTTPClientResponse {
    /// Whether the response is a web page although an API response was expected: it comes from a proxy,
    /// a login page or another kind of server.
    package var isWebPage: Bool {
        let type = headers["Content-Type"]?.lowercased() ?? ""
        let start = body.prefix(256).drop { $0 <= 0x20 }
        return type.contains("html") || start.first == UInt8(ascii: "<")
    }

    /// Whether the response has one of the headers that the Hub adds to all its responses (hub-api.md 8.1).
    package var isFromHub: Bool {
        ["X-Request-Id", "X-Error-Code", "X-Amz-Cf-Id"].contains { headers[$0] != nil }
    }
}

/// Parser of the error messages in an unsuccessful response of the Hub: the header `X-Error-Message`,
/// then `error`, `error_description` and `errors[].message` of the body, or plain text, without
/// duplicates (`huggingface_hub`'s `utils/_http.py`). Web pages are ignored.
package enum HubErrorMessage {
    package static func parse(_ response: HTTPClientResponse) -> [String] {
        var messages = [response.headers["X-Error-Message"]].compactMap { $0 }
        if let body = JSON(response.body) {
            messages += jsonMessages(body)
        } else if !response.isWebPage {
            messages.append(
                contentsOf: response.text.split(whereSeparator: \.isNewline).prefix(5).map(String.init))
        }
        var seen = Set<String>()
        return messages.map(printable).filter { !$0.isEmpty && seen.insert($0).inserted }
    }

    private static func jsonMessages(_ body: JSON) -> [String] {
        let errors = body["errors"].array?.compactMap { $0["message"].string ?? $0.string } ?? []
        let single = [body["error"], body["error_description"], body["message"]].flatMap { value in
            value?.array?.compactMap(\.string)
                ?? [value?.string ?? value?["message"].string].compactMap { $0 }
        }
        return single + errors
    }

    /// Returns the text on one line, without control characters and with URLs redacted, cut to 400
    /// characters.
    private static func printable(_ text: String) -> String {
        let line = text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) }
        return String(String(line).trimmingSpaces().redactingURLs.prefix(400))
    }
}

extension JSON {
    /// Parses JSON; `nil` if the bytes are not JSON or exceed `JSONLimit`.
    package init?(_ data: Data) { self.init(Array(data)) }

    package static func read(_ data: Data) throws(JSON.ParseError) -> JSON { try parse(Array(data)) }

    /// Returns a line that describes the limit that the JSON exceeds; empty if it is within the limits,
    /// or not JSON.
    package static func exceededLimits(of data: Data) -> [String] {
        do throws(JSON.ParseError) { _ = try read(data) } catch {
            return error.exceededLimit.map { ["the JSON is over a limit: \($0)"] } ?? []
        }
        return []
    }

    package var data: Data { Data(text.utf8) }
}

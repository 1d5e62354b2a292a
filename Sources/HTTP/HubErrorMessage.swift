import Essentials
import TextTools

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

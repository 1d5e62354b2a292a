import Essentials
import TextTools

/// The Hub's own words in an answer that is no success: the header `X-Error-Message`, then `error`,
/// `error_description` and `errors[].message` of the body, or plain text; each once (`huggingface_hub`'s
/// `utils/_http.py`). A web page is no message.
package enum HubErrorMessage {
    package static func parse(_ response: HTTPClientResponse) -> [String] {
        var words = [response.headers["X-Error-Message"]].compactMap { $0 }
        if let body = JSON(response.body) {
            words += jsonMessages(body)
        } else if !response.isWebPage {
            words.append(
                contentsOf: response.text.split(whereSeparator: \.isNewline).prefix(5).map(String.init))
        }
        var known = Set<String>()
        return words.map(printable).filter { !$0.isEmpty && known.insert($0).inserted }
    }

    private static func jsonMessages(_ body: JSON) -> [String] {
        let errors = body["errors"].array?.compactMap { $0["message"].string ?? $0.string } ?? []
        let single = [body["error"], body["error_description"], body["message"]].flatMap { value in
            value?.array?.compactMap(\.string)
                ?? [value?.string ?? value?["message"].string].compactMap { $0 }
        }
        return single + errors
    }

    /// One line, without control characters, of a length to be read.
    private static func printable(_ text: String) -> String {
        let line = text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) }
        return String(String(line).trimmingSpaces().redactingURLs.prefix(400))
    }
}

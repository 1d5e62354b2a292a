import Essentials
import HTTP

/// What object storage says of a refusal: XML, as S3 writes it, or text. An address in it, which may be signed, is left
/// out.
enum StorageErrorParser {
    static func messages(_ response: HTTPClientResponse) -> [String] {
        let text = response.text
        let fields = ["Code", "Message"].compactMap { element($0, in: text) }
        if !fields.isEmpty { return [fields.joined(separator: ": ")] }
        guard !response.isWebPage, !text.contains("://") else { return [] }
        return text.split(whereSeparator: \.isNewline).prefix(3).map { String($0.prefix(300)) }
    }

    private static func element(_ name: String, in text: String) -> String? {
        guard let start = text.firstRange(of: "<\(name)>"), let end = text.firstRange(of: "</\(name)>"),
            start.upperBound <= end.lowerBound
        else { return nil }
        let words = text[start.upperBound..<end.lowerBound]
        return words.contains("://") ? nil : String(words.prefix(300))
    }
}

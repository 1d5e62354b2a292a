import Essentials
import HTTP

/// Extracts the messages from an object storage's error response: S3's XML or plain text. Messages
/// with a URL, which may be presigned, are left out.
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
        let content = text[start.upperBound..<end.lowerBound]
        return content.contains("://") ? nil : String(content.prefix(300))
    }
}

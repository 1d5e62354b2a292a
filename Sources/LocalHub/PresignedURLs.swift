import Digest
import Essentials
import HTTPServer
import TextTools

/// Links to storage that need no token, as presigned ones: what they allow, and until when, is in method, path and
/// query, and signed with them.
struct PresignedURLs: Sendable {
    /// Seconds.
    private let lifetime: Double
    private let secret: [UInt8]

    init(lifetime: Duration) {
        let (seconds, rest) = lifetime.components
        // Ten years are for ever, and far from where numbers end.
        self.lifetime = min(Double(seconds) + Double(rest) / 1e18, 315_360_000)
        var random = SystemRandomNumberGenerator()
        secret = (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    /// A link as an action of an LFS batch has it. `url` is the address up to `/_lfs`.
    func action(
        _ method: String, _ url: String, _ path: String, _ query: KeyValuePairs<String, String> = [:],
        header: JSON = [:]
    ) -> JSON {
        let end = Date(timeIntervalSinceNow: lifetime)
        return [
            "href": .string(link(method, url, path, query, until: end)), "header": header,
            // git-lfs takes 0 for "never".
            "expires_in": .int(max(1, Int(lifetime))), "expires_at": .string(end.hubText),
        ]
    }

    func link(
        _ method: String, _ url: String, _ path: String, _ query: KeyValuePairs<String, String> = [:],
        until end: Date? = nil
    ) -> String {
        let end = end ?? Date(timeIntervalSinceNow: lifetime)
        let items = query.map { "\($0)=\($1)&" }.joined()
        let query = "\(items)expires=\(Int(end.timeIntervalSince1970 * 1000))"
        return "\(url)\(path)?\(query)&signature=\(signature(method, path, query))"
    }

    /// Throws when the link is not one of these, or over.
    func check(_ request: Request) throws(S3Error) {
        let query = request.target.rawQuery.components(separatedBy: "&signature=")
        guard query.count == 2, query[1] == signature(request.method, request.target.rawPath, query[0]) else {
            throw .otherSignature
        }
        guard let end = request.target.value("expires").flatMap({ Double($0) }),
            Date().timeIntervalSince1970 * 1000 < end
        else { throw .expired }
    }

    func signature(_ parts: String...) -> String {
        SHA256.hash(of: secret + Array(parts.joined(separator: "\n").utf8)).prefix(16).hex
    }
}

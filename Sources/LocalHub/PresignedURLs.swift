import Digest
import Essentials
import HTTPServer
import TextTools

/// Presigned storage URLs, which need no token: method, path and query, including the expiry time,
/// determine what a URL allows, and are signed.
struct PresignedURLs: Sendable {
    /// The lifetime of a URL in seconds.
    private let lifetime: Double
    private let secret: [UInt8]

    init(lifetime: Duration) {
        let (seconds, attoseconds) = lifetime.components
        // At most ten years, so that the expiry time cannot overflow an integer.
        self.lifetime = min(Double(seconds) + Double(attoseconds) / 1e18, 315_360_000)
        var random = SystemRandomNumberGenerator()
        secret = (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    /// Returns an action of the LFS Batch API with a presigned URL.
    /// - Parameter url: the URL up to `/_lfs`.
    func action(
        _ method: String, _ url: String, _ path: String, _ query: KeyValuePairs<String, String> = [:],
        header: JSON = [:]
    ) -> JSON {
        let end = Date(timeIntervalSinceNow: lifetime)
        return [
            "href": .string(link(method, url, path, query, until: end)), "header": header,
            // git-lfs interprets 0 as "never".
            "expires_in": .int(max(1, Int(lifetime))), "expires_at": .string(end.hubText),
        ]
    }

    /// Returns a presigned URL, valid until `end`, by default for the configured lifetime.
    func link(
        _ method: String, _ url: String, _ path: String, _ query: KeyValuePairs<String, String> = [:],
        until end: Date? = nil
    ) -> String {
        let end = end ?? Date(timeIntervalSinceNow: lifetime)
        let items = query.map { "\($0)=\($1)&" }.joined()
        let query = "\(items)expires=\(Int(end.timeIntervalSince1970 * 1000))"
        return "\(url)\(path)?\(query)&signature=\(signature(method, path, query))"
    }

    /// Throws if the request's URL has no valid signature or has expired.
    func check(_ request: Request) throws(S3Error) {
        let query = request.target.rawQuery.components(separatedBy: "&signature=")
        guard query.count == 2, query[1] == signature(request.method, request.target.rawPath, query[0]) else {
            throw .otherSignature
        }
        guard let end = request.target.value("expires").flatMap({ Double($0) }),
            Date().timeIntervalSince1970 * 1000 < end
        else { throw .expired }
    }

    /// Returns the first 16 bytes of the SHA-256 of secret and parts, in hexadecimal.
    func signature(_ parts: String...) -> String {
        SHA256.hash(of: secret + Array(parts.joined(separator: "\n").utf8)).prefix(16).hex
    }
}

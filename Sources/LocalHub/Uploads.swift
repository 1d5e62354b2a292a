import Digest
import Foundation

/// Addresses that may be written to without a token, as presigned storage has them.
struct Uploads: Sendable {
    private let secret: [UInt8]

    init() {
        var random = SystemRandomNumberGenerator()
        secret = (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    func signature(_ parts: String...) -> String {
        SHA256.hash(of: secret + Array(parts.joined(separator: "\n").utf8)).prefix(16)
            .map { String(UInt16($0) + 256, radix: 16).suffix(2) }.joined()
    }
}

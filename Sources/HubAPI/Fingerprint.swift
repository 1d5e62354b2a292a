import Digest
import Essentials
import HTTP

/// Salted hash of a secret's value, which shows whether the value has changed without revealing it.
/// Slow enough to resist brute force (PBKDF2-HMAC-SHA-256 with the rounds recommended by OWASP's
/// Password Storage Cheat Sheet).
package struct Fingerprint: Hashable, Sendable, CustomStringConvertible {
    private let rounds: Int
    private let salt: [UInt8]
    private let hash: [UInt8]
    /// The time when the secret was set, by this machine's clock, in seconds since 1970.
    let time: Int

    private static let rounds = 600_000
    /// The most rounds of a parsed fingerprint: a foreign fingerprint must not cause excessive computation.
    private static let maxRounds = 2_000_000
    private static let prefix = "spacesync:v1:"

    /// Computes the fingerprint of a secret; `nil` if hashing fails.
    package init?(of secret: Secret, at date: Date = Date()) {
        var generator = SystemRandomNumberGenerator()
        let salt = (0..<12).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        guard let hash = Self.hash(secret, salt, Self.rounds) else { return nil }
        (rounds, self.salt, self.hash) = (Self.rounds, salt, hash)
        time = Int(date.timeIntervalSince1970)
    }

    /// Parses the fingerprint at the end of a secret's description; `nil` if there is no valid one.
    package init?(in text: String) {
        guard let start = text.ranges(of: Self.prefix).last?.upperBound else { return nil }
        let parts = text[start...].split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 4, let rounds = Int(parts[0]), (1...Self.maxRounds).contains(rounds),
            let salt = Data(base64Encoded: String(parts[1])),
            let hash = Data(base64Encoded: String(parts[2])),
            hash.count == 18, let time = Int(parts[3])
        else { return nil }
        (self.rounds, self.salt, self.hash, self.time) = (rounds, Array(salt), Array(hash), time)
    }

    package var description: String {
        let encoded = [salt, hash].map { Data($0).base64EncodedString() }
        return "\(Self.prefix)\(rounds):\(encoded[0]):\(encoded[1]):\(time)"
    }

    func matches(_ secret: Secret) -> Bool { Self.hash(secret, salt, rounds) == hash }

    private static func hash(_ secret: Secret, _ salt: [UInt8], _ rounds: Int) -> [UInt8]? {
        PasswordHash.derive(Array(secret.reveal().utf8), salt: salt, rounds: rounds, length: 18)
    }
}

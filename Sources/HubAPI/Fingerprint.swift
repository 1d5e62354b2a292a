import Digest
import Essentials
import HTTP

/// Tells whether a secret's value is another one than was set, without telling the value: salted, and slow enough that a
/// password is not found by trying (PBKDF2-HMAC-SHA-256; the rounds that OWASP's Password Storage Cheat Sheet names).
package struct Fingerprint: Hashable, Sendable, CustomStringConvertible {
    private let rounds: Int
    private let salt: [UInt8]
    private let hash: [UInt8]
    /// When the secret was set, by this machine's clock; seconds since 1970.
    let time: Int

    private static let rounds = 600_000
    /// A fingerprint that somebody else wrote must not keep us busy.
    private static let maxRounds = 2_000_000
    private static let mark = "spacesync:v1:"

    /// Nil where it cannot be made.
    package init?(of secret: Secret, at date: Date = Date()) {
        var generator = SystemRandomNumberGenerator()
        let salt = (0..<12).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        guard let hash = Self.hash(secret, salt, Self.rounds) else { return nil }
        (rounds, self.salt, self.hash) = (Self.rounds, salt, hash)
        time = Int(date.timeIntervalSince1970)
    }

    /// Reads it from the end of a description.
    package init?(in text: String) {
        guard let start = text.ranges(of: Self.mark).last?.upperBound else { return nil }
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
        return "\(Self.mark)\(rounds):\(encoded[0]):\(encoded[1]):\(time)"
    }

    func matches(_ secret: Secret) -> Bool { Self.hash(secret, salt, rounds) == hash }

    private static func hash(_ secret: Secret, _ salt: [UInt8], _ rounds: Int) -> [UInt8]? {
        PasswordHash.derive(Array(secret.reveal().utf8), salt: salt, rounds: rounds, length: 18)
    }
}

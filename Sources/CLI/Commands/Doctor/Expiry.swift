import Essentials
import HTTP

/// Expiry dates of credentials.
enum Expiry {
    private static let day = 86_400.0

    /// Whether the date is in the past or less than a week away.
    static func isNear(_ date: Date, now: Date = Date()) -> Bool { date.timeIntervalSince(now) < 7 * day }

    /// Returns the expiry date of a CI system's identity token: the claim `exp` of a JSON Web Token
    /// (RFC 7519).
    /// - Returns: `nil` if the token has no `exp`, or is valid for less than a day: those are
    ///   issued for every job.
    static func ofIdentity(_ token: Secret) -> Date? {
        let parts = token.reveal().split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3 else { return nil }
        var text = String(parts[1].map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
        text += String(repeating: "=", count: (4 - text.count % 4) % 4)
        guard let data = Data(base64Encoded: text),
            let claims = try? JSONDecoder().decode(Claims.self, from: data),
            let end = claims.exp
        else { return nil }
        let start: Double? = claims.iat ?? claims.nbf
        if let start, end - start < day { return nil }
        return Date(timeIntervalSince1970: end)
    }

    private struct Claims: Decodable {
        var exp: Double?
        var iat: Double?
        var nbf: Double?
    }
}

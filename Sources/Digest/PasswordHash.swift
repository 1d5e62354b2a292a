internal import CSystem

/// PBKDF2 with HMAC-SHA-256 (RFC 8018): deliberately slow, to resist brute-force attacks.
package enum PasswordHash {
    /// - Returns: `length` bytes; `nil` if libcrypto rejects the arguments.
    package static func derive(_ password: [UInt8], salt: [UInt8], rounds: Int, length: Int) -> [UInt8]? {
        var hash = [UInt8](repeating: 0, count: length)
        let succeeded = password.withUnsafeBytes { password in
            PKCS5_PBKDF2_HMAC(
                password.bindMemory(to: CChar.self).baseAddress, Int32(clamping: password.count), salt,
                Int32(clamping: salt.count), Int32(clamping: rounds), EVP_sha256(), Int32(clamping: length),
                &hash)
        }
        return succeeded == 1 ? hash : nil
    }
}

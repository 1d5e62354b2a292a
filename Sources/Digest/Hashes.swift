internal import CSystem

/// Noncopyable owner of one libcrypto digest context, which is freed on `deinit`.
struct HashContext: ~Copyable {
    private let context: OpaquePointer?

    init(_ algorithm: OpaquePointer?) {
        context = EVP_MD_CTX_new()
        EVP_DigestInit_ex(context, algorithm, nil)
    }

    func update(_ bytes: UnsafeRawBufferPointer) {
        EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    }

    /// Returns the digest of all bytes so far. The context must not be used afterwards.
    func finish(size: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            var length: UInt32 = 0
            EVP_DigestFinal_ex(context, buffer.baseAddress, &length)
            count = min(Int(length), size)
        }
    }

    deinit { EVP_MD_CTX_free(context) }
}

/// A streaming SHA-1 hash (RFC 3174). It cannot be copied, and `finalize` consumes it.
package struct SHA1: ~Copyable {
    private let context: HashContext

    package init() { context = HashContext(EVP_sha1()) }

    /// Adds bytes to the hash.
    package func update(_ bytes: UnsafeRawBufferPointer) { context.update(bytes) }

    /// Adds bytes to the hash.
    package func update(_ bytes: some Collection<UInt8>) {
        let contiguous: Void? = bytes.withContiguousStorageIfAvailable { update(UnsafeRawBufferPointer($0)) }
        if contiguous == nil { Array(bytes).withUnsafeBytes { update($0) } }
    }

    /// Returns the digest, 20 bytes.
    package consuming func finalize() -> [UInt8] { context.finish(size: 20) }

    /// Returns the digest of the given bytes, 20 bytes.
    package static func hash(of bytes: some Collection<UInt8>) -> [UInt8] {
        let hash = SHA1()
        hash.update(bytes)
        return hash.finalize()
    }
}

/// A streaming SHA-256 hash (FIPS 180-4). It cannot be copied, and `finalize` consumes it.
package struct SHA256: ~Copyable {
    private let context: HashContext

    package init() { context = HashContext(EVP_sha256()) }

    /// Adds bytes to the hash.
    package func update(_ bytes: UnsafeRawBufferPointer) { context.update(bytes) }

    /// Adds bytes to the hash.
    package func update(_ bytes: some Collection<UInt8>) {
        let contiguous: Void? = bytes.withContiguousStorageIfAvailable { update(UnsafeRawBufferPointer($0)) }
        if contiguous == nil { Array(bytes).withUnsafeBytes { update($0) } }
    }

    /// Returns the digest, 32 bytes.
    package consuming func finalize() -> [UInt8] { context.finish(size: 32) }

    /// Returns the digest of the given bytes, 32 bytes.
    package static func hash(of bytes: some Collection<UInt8>) -> [UInt8] {
        let hash = SHA256()
        hash.update(bytes)
        return hash.finalize()
    }
}

/// The checksum of zlib and of Git's pack indexes (ISO 3309).
package enum CRC32 {
    package static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        var (sum, remaining) = (crc32(0, nil, 0), bytes[...])
        // zlib takes lengths as 32-bit integers.
        while !remaining.isEmpty {
            let part = UnsafeRawBufferPointer(rebasing: remaining.prefix(1 << 30))
            sum = crc32(sum, part.bindMemory(to: UInt8.self).baseAddress, UInt32(part.count))
            remaining = remaining.dropFirst(part.count)
        }
        return UInt32(truncatingIfNeeded: sum)
    }
}

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

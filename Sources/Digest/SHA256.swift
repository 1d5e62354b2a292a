internal import CSystem

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

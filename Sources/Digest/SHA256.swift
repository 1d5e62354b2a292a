internal import CSystem

/// A streaming SHA-256 (FIPS 180-4). One owner: it cannot be copied, and `finalize` consumes it.
package struct SHA256: ~Copyable {
    private let context: HashContext

    package init() { context = HashContext(EVP_sha256()) }

    /// Takes in more bytes.
    package func update(_ bytes: UnsafeRawBufferPointer) { context.update(bytes) }

    /// Takes in more bytes.
    package func update(_ bytes: some Collection<UInt8>) {
        let contiguous: Void? = bytes.withContiguousStorageIfAvailable { update(UnsafeRawBufferPointer($0)) }
        if contiguous == nil { Array(bytes).withUnsafeBytes { update($0) } }
    }

    /// The digest, 32 bytes.
    package consuming func finalize() -> [UInt8] { context.finish(size: 32) }

    /// The digest of these bytes alone, 32 bytes.
    package static func hash(of bytes: some Collection<UInt8>) -> [UInt8] {
        let hash = SHA256()
        hash.update(bytes)
        return hash.finalize()
    }
}

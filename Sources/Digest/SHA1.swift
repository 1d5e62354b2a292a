internal import CSystem

/// A streaming SHA-1 (RFC 3174). One owner: it cannot be copied, and `finalize` consumes it.
package struct SHA1: ~Copyable {
    private let context: HashContext

    package init() { context = HashContext(EVP_sha1()) }

    /// Takes in more bytes.
    package func update(_ bytes: UnsafeRawBufferPointer) { context.update(bytes) }

    /// Takes in more bytes.
    package func update(_ bytes: some Collection<UInt8>) {
        let contiguous: Void? = bytes.withContiguousStorageIfAvailable { update(UnsafeRawBufferPointer($0)) }
        if contiguous == nil { Array(bytes).withUnsafeBytes { update($0) } }
    }

    /// The digest, 20 bytes.
    package consuming func finalize() -> [UInt8] { context.finish(size: 20) }

    /// The digest of these bytes alone, 20 bytes.
    package static func hash(of bytes: some Collection<UInt8>) -> [UInt8] {
        let hash = SHA1()
        hash.update(bytes)
        return hash.finalize()
    }
}

import Digest
import Essentials
import SpacesModel
import Synchronization

/// Verifies the content of an LFS object against its SHA-256, and records the first error.
package final class ContentVerifier: Sendable {
    package enum VerificationError: Hashable, Sendable {
        /// The content has a different SHA-256, which is the associated value.
        case damaged(String)
        case unreadable
    }

    private static let executor = GitExecutor("content")

    let oid: String
    private let firstError = Mutex<VerificationError?>(nil)

    /// - Parameter oid: the expected SHA-256, in hexadecimal digits.
    package init(_ oid: String) { self.oid = oid }

    package var error: VerificationError? { firstError.withLock { $0 } }
    package func record(_ error: VerificationError) { firstError.withLock { $0 = $0 ?? error } }

    /// Returns whether a digest is the expected one. Records an error if not.
    package func validate(_ digest: [UInt8]) -> Bool {
        let hex = digest.hex
        if hex != oid { record(.damaged(hex)) }
        return hex == oid
    }

    /// Reads and hashes the content on a dedicated executor.
    package func verify(_ content: ObjectContent) async -> Bool {
        (try? await Self.executor.run { [self] () throws(DeployError) in hash(content) }) ?? false
    }

    /// Reads and hashes the content. Blocks: do not call it from a thread of Swift's pool.
    func hash(_ content: ObjectContent) -> Bool {
        let hash = SHA256()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        var offset = 0
        while offset < content.size {
            let count = content.read(at: offset, into: buffer)
            guard count > 0 else {
                record(.unreadable)
                return false
            }
            hash.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            offset += count
        }
        return validate(hash.finalize())
    }
}

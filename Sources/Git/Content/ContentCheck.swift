import Digest
import Essentials
import SpacesModel
import Synchronization
import TextTools

/// Reads an object's content once, beside its upload, to see whether it is what its name says.
package enum ContentCheck {
    private static let executor = GitExecutor("content")

    package static func verify(_ content: ObjectContent, _ verifier: ContentVerifier) async -> Bool {
        (try? await executor.run { () throws(DeployError) in hash(content, verifier) }) ?? false
    }

    /// Blocks: not for Swift's own threads.
    static func hash(_ content: ObjectContent, _ verifier: ContentVerifier) -> Bool {
        let hash = SHA256()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        var offset = 0
        while offset < content.size {
            let count = content.read(at: offset, into: buffer)
            guard count > 0 else {
                verifier.record(.unreadable)
                return false
            }
            hash.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            offset += count
        }
        return verifier.validate(hash.finalize())
    }
}

/// Watches whether an object's content is what its name says, and remembers when it is not.
package final class ContentVerifier: Sendable {
    package enum VerificationError: Hashable, Sendable {
        /// Its true SHA-256.
        case damaged(String)
        case unreadable
    }

    let oid: String
    private let firstError = Mutex<VerificationError?>(nil)

    package init(_ oid: String) { self.oid = oid }

    package var error: VerificationError? { firstError.withLock { $0 } }
    package func record(_ error: VerificationError) { firstError.withLock { $0 = $0 ?? error } }

    /// - Returns: whether it is the right one.
    package func validate(_ digest: [UInt8]) -> Bool {
        let hex = digest.hex
        if hex != oid { record(.damaged(hex)) }
        return hex == oid
    }
}

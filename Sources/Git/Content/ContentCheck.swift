import Digest
import Essentials
import SpacesModel
import Synchronization
import TextTools

/// Reads an object's content once, beside its upload, to see whether it is what its name says.
package enum ContentCheck {
    private static let executor = GitExecutor("content")

    package static func run(_ content: ObjectContent, _ sentinel: Sentinel) async -> Bool {
        (try? await executor.run { () throws(Failure) in hash(content, sentinel) }) ?? false
    }

    /// Blocks: not for Swift's own threads.
    static func hash(_ content: ObjectContent, _ sentinel: Sentinel) -> Bool {
        let hash = SHA256()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        var offset = 0
        while offset < content.size {
            let count = content.read(at: offset, into: buffer)
            guard count > 0 else {
                sentinel.fail(.unreadable)
                return false
            }
            hash.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            offset += count
        }
        return sentinel.judge(hash.finalize())
    }
}

/// Watches whether an object's content is what its name says, and remembers when it is not.
package final class Sentinel: Sendable {
    package enum Fault: Hashable, Sendable {
        /// Its true SHA-256.
        case damaged(String)
        case unreadable
    }

    let oid: String
    private let found = Mutex<Fault?>(nil)

    package init(_ oid: String) { self.oid = oid }

    package var fault: Fault? { found.withLock { $0 } }
    package func fail(_ fault: Fault) { found.withLock { $0 = $0 ?? fault } }

    /// - Returns: whether it is the right one.
    package func judge(_ digest: [UInt8]) -> Bool {
        let hex = digest.hex
        if hex != oid { fail(.damaged(hex)) }
        return hex == oid
    }
}

import Digest
import Essentials
import SpacesModel

/// Reads an object's content once, beside its upload, to see whether it is what its name says.
enum ContentCheck {
    private static let executor = GitExecutor("content")

    static func run(_ content: ObjectContent, _ sentinel: Sentinel) async -> Bool {
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

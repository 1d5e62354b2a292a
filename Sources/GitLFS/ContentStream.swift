import Digest
import Essentials
import Git
import HTTP
import Synchronization
import TextTools

/// A part of an object's content as the body of an upload. Where the content is read whole, it is hashed on the way, and
/// the last of it leaves only when it is what its name says: what is damaged never arrives as a whole.
final class ContentStream: BodyReader {
    private let content: ObjectContent
    private let end: Int
    private var offset: Int
    private let hashing: Hashing?
    private let count: @Sendable (Int) -> Void

    /// - Parameters:
    ///   - sentinel: hashes the content; nil for a part, or where it is known to be right.
    ///   - count: told of the bytes that were handed on.
    init(
        _ content: ObjectContent, _ range: Range<Int>, sentinel: Sentinel? = nil,
        count: @escaping @Sendable (Int) -> Void
    ) {
        (self.content, offset, end) = (content, range.lowerBound, range.upperBound)
        (hashing, self.count) = (sentinel.map(Hashing.init), count)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> BodyRead {
        let wanted = min(buffer.count, end - offset)
        guard wanted > 0 else { return .end }
        let target = UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted])
        let read = content.read(at: offset, into: target)
        guard read > 0 else {
            hashing?.sentinel.fail(.unreadable)
            return .failed("the content ends before its end")
        }
        let isLast = offset + read == end
        let bytes = UnsafeRawBufferPointer(rebasing: target[..<read])
        guard hashing?.take(bytes, isLast: isLast) ?? true else {
            return .failed("the content is not what its name says")
        }
        offset += read
        count(read)
        return .bytes(read)
    }
}

/// The hash of what went by so far.
final class Hashing {
    let sentinel: Sentinel
    private var hash: SHA256? = SHA256()

    init(_ sentinel: Sentinel) { self.sentinel = sentinel }

    func take(_ bytes: UnsafeRawBufferPointer, isLast: Bool) -> Bool {
        guard let hash = hash.take() else { return false }
        hash.update(bytes)
        if isLast { return sentinel.judge(hash.finalize()) }
        self.hash = consume hash
        return true
    }
}

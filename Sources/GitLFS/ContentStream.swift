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
    private let runningHash: RunningHash?
    private let onRead: @Sendable (Int) -> Void

    /// - Parameters:
    ///   - sentinel: hashes the content; nil for a part, or where it is known to be right.
    ///   - count: told of the bytes that were handed on.
    init(
        _ content: ObjectContent, _ range: Range<Int>, verifier: ContentVerifier? = nil,
        onRead: @escaping @Sendable (Int) -> Void
    ) {
        (self.content, offset, end) = (content, range.lowerBound, range.upperBound)
        (runningHash, self.onRead) = (verifier.map(RunningHash.init), onRead)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> BodyRead {
        let wanted = min(buffer.count, end - offset)
        guard wanted > 0 else { return .end }
        let target = UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted])
        let read = content.read(at: offset, into: target)
        guard read > 0 else {
            runningHash?.verifier.record(.unreadable)
            return .failed("the content ends before its end")
        }
        let isLast = offset + read == end
        let bytes = UnsafeRawBufferPointer(rebasing: target[..<read])
        guard runningHash?.update(bytes, isLast: isLast) ?? true else {
            return .failed("the content is not what its name says")
        }
        offset += read
        onRead(read)
        return .bytes(read)
    }
}

/// The hash of what went by so far.
final class RunningHash {
    let verifier: ContentVerifier
    private var hash: SHA256? = SHA256()

    init(_ verifier: ContentVerifier) { self.verifier = verifier }

    func update(_ bytes: UnsafeRawBufferPointer, isLast: Bool) -> Bool {
        guard let hash = hash.take() else { return false }
        hash.update(bytes)
        if isLast { return verifier.validate(hash.finalize()) }
        self.hash = consume hash
        return true
    }
}

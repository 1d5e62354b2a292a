import Digest
import Essentials
import Git
import HTTP
import Synchronization
import TextTools

/// A request body with a range of an object's content. If the complete content is read, it is
/// hashed, and the last chunk is sent only if the hash matches, so that damaged content is never
/// uploaded completely.
final class ContentStream: BodyReader {
    private let content: ObjectContent
    private let end: Int
    private var offset: Int
    private let runningHash: RunningHash?
    private let onRead: @Sendable (Int) -> Void

    /// - Parameters:
    ///   - verifier: hashes the content; `nil` for a part or for verified content.
    ///   - onRead: called with the number of bytes after each read.
    init(
        _ content: ObjectContent, _ range: Range<Int>, verifier: ContentVerifier? = nil,
        onRead: @escaping @Sendable (Int) -> Void
    ) {
        (self.content, offset, end) = (content, range.lowerBound, range.upperBound)
        (runningHash, self.onRead) = (verifier.map(RunningHash.init), onRead)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> BodyRead {
        let count = min(buffer.count, end - offset)
        guard count > 0 else { return .end }
        let target = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
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

/// The hash of the content read so far.
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

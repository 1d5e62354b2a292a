import Digest
import Essentials
import Git
import HTTP
import SpacesModel
import Synchronization
import TextTools

/// The combined progress of all transfers, reported at most every 200 ms.
final class LFSProgress: Sendable {
    private struct State {
        var progress: TransferProgress
        var lastReport = ContinuousClock.now
    }

    private let state: Mutex<State>
    private let report: ReportTransfer
    private static let reportInterval = Duration.milliseconds(200)

    init(_ pointers: [LFSPointer], _ report: @escaping ReportTransfer) {
        let size = pointers.reduce(0) { $0.addingClamped($1.size) }
        state = Mutex(
            State(progress: TransferProgress(files: pointers.count, filesDone: 0, size: size, sent: 0)))
        self.report = report
    }

    /// Reports the progress at once: an upload begins, and its first bytes may take a while.
    func begin() {
        let progress = state.withLock { $0.progress }
        report(.uploading(progress))
    }

    /// Adds bytes and finished files. Negative bytes are subtracted when data has to be sent again.
    func add(_ bytes: Int, file: Int = 0) {
        let dueReport = state.withLock { state -> TransferProgress? in
            state.progress.sent = state.progress.sent.addingClamped(bytes)
            state.progress.filesDone += file
            guard state.lastReport.duration(to: .now) >= Self.reportInterval else { return nil }
            state.lastReport = .now
            return state.progress
        }
        if let dueReport { report(.uploading(dueReport)) }
    }
}

/// The progress of one object. Parts that are sent again are counted once.
final class LFSObjectProgress: Sendable {
    private let total: LFSProgress
    private let parts = Mutex<[Int: Int]>([:])

    init(_ total: LFSProgress) { self.total = total }

    func add(_ bytes: Int, at part: Int) {
        parts.withLock { $0[part, default: 0] += bytes }
        total.add(bytes)
    }

    func restart(_ part: Int) {
        let sent = parts.withLock { $0.updateValue(0, forKey: part) ?? 0 }
        if sent > 0 { total.add(-sent) }
    }

    /// Resets the progress of all parts, as the object is sent again.
    func restart() {
        let sent = parts.withLock { parts in
            defer { parts = [:] }
            return parts.values.reduce(0, +)
        }
        if sent > 0 { total.add(-sent) }
    }

    func end() { total.add(0, file: 1) }
}

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
            return .failed("the content is shorter than expected")
        }
        let isLast = offset + read == end
        let bytes = UnsafeRawBufferPointer(rebasing: target[..<read])
        guard runningHash?.update(bytes, isLast: isLast) ?? true else {
            return .failed("the content does not match its SHA-256")
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

import Essentials
import Synchronization

/// Random access to the content of a compressed object without holding it in memory. A read
/// continues with an idle reader at or before its offset. Concurrent reads, such as parallel
/// multipart uploads, use one reader each.
final class InflatedContent: Sendable {
    private let run: DeflatedRun
    private let idle = Mutex<[Reader]>([])
    private static let maxIdleReaders = 8

    /// Unchecked: only the task that removed a reader from `idle` uses it.
    private final class Reader: @unchecked Sendable {  // one task at a time takes it out of `idle`
        let reader: RunReader
        init(_ run: DeflatedRun) { reader = RunReader(run) }
    }

    init(_ run: DeflatedRun) { self.run = run }

    /// Reads up to the buffer's size.
    /// - Returns: the number of bytes, or a negative number if the content cannot be read
    ///   (`errno`).
    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let idleReader = idle.withLock { idle -> Reader? in
            let candidates = idle.indices.filter { idle[$0].reader.position <= offset }
            guard let best = candidates.max(by: { idle[$0].reader.position < idle[$1].reader.position })
            else {
                return nil
            }
            return idle.remove(at: best)
        }
        let reader = idleReader ?? Reader(run)
        do throws(PackReader.CorruptPackError) {
            try reader.reader.skip(to: offset)
            let count = try reader.reader.read(into: buffer)
            idle.withLock { idle in
                idle.append(reader)
                if idle.count > Self.maxIdleReaders { idle.removeFirst() }
            }
            return count
        } catch {
            errno = EIO
            return -1
        }
    }
}

import Essentials
import Synchronization

/// The content of a compressed object, read at any place without being held: a reader continues where it stopped, and
/// one that is behind reads on. Parts that are sent side by side use one reader each.
final class InflatedContent: Sendable {
    private let run: DeflatedRun
    private let idle = Mutex<[Reader]>([])
    private static let maxIdleReaders = 8

    /// Unchecked: it is used by whoever took it out of `idle`, and by nobody else.
    private final class Reader: @unchecked Sendable {  // one task at a time takes it out of `idle`
        let reader: RunReader
        init(_ run: DeflatedRun) { reader = RunReader(run) }
    }

    init(_ run: DeflatedRun) { self.run = run }

    /// - Returns: below zero if it cannot be read.
    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let taken = idle.withLock { idle -> Reader? in
            let behind = idle.indices.filter { idle[$0].reader.position <= offset }
            guard let best = behind.max(by: { idle[$0].reader.position < idle[$1].reader.position }) else {
                return nil
            }
            return idle.remove(at: best)
        }
        let reader = taken ?? Reader(run)
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

import Digest
import Essentials

/// A zlib stream that is stored in a file: a loose object, or an object's content in a pack.
struct DeflatedRun: Sendable {
    let file: OpenFile
    /// Where it begins.
    let start: Int
    /// Bytes at its beginning that are not the content: the header of a loose object.
    var prefix = 0
    /// Bytes of its content.
    let size: Int
}

/// Reads a zlib stream from its beginning, with 64 KiB of it in memory. One owner at a time.
final class RunReader {
    private let run: DeflatedRun
    private let inflater = Inflater()
    private var input = [UInt8](repeating: 0, count: 64 << 10)
    private var pending = 0..<0
    private var offset: Int
    private var isOver = false
    /// Bytes of the content that were read.
    private(set) var position: Int

    init(_ run: DeflatedRun) {
        (self.run, offset, position) = (run, run.start, -run.prefix)
    }

    /// Reads what comes next. Zero at the end.
    /// - Throws: `PackReader.Damage`.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(PackReader.CorruptPackError) -> Int {
        while !isOver, !buffer.isEmpty {
            if pending.isEmpty { try fill() }
            let done: (read: Int, written: Int, isEnd: Bool)
            do {
                done = try input.withUnsafeBytes {
                    try inflater.inflate(UnsafeRawBufferPointer(rebasing: $0[pending]), into: buffer)
                }
            } catch { throw PackReader.CorruptPackError(message: "a compressed object is damaged") }
            pending = (pending.lowerBound + done.read)..<pending.upperBound
            isOver = done.isEnd
            guard done.written > 0 else { continue }
            position += done.written
            guard position <= run.size else {
                throw PackReader.CorruptPackError(message: "an object is longer than its header says")
            }
            return done.written
        }
        return 0
    }

    private func fill() throws(PackReader.CorruptPackError) {
        let place = off_t(offset)
        let count = input.withUnsafeMutableBytes {
            pread(run.file.descriptor, $0.baseAddress, $0.count, place)
        }
        guard count > 0 else { throw PackReader.CorruptPackError(message: "a compressed object breaks off") }
        (pending, offset) = (0..<count, offset + count)
    }

    /// Reads on to a place of the content, and drops what comes before it.
    func skip(to target: Int) throws(PackReader.CorruptPackError) {
        let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
        defer { scratch.deallocate() }
        while position < target {
            let part = UnsafeMutableRawBufferPointer(
                rebasing: scratch[..<min(scratch.count, target - position)])
            guard try read(into: part) > 0 else {
                throw PackReader.CorruptPackError(message: "an object breaks off")
            }
        }
    }

    /// Reads exactly so many bytes.
    func bytes(_ count: Int) throws(PackReader.CorruptPackError) -> [UInt8] {
        var (bytes, done) = ([UInt8](repeating: 0, count: count), 0)
        while done < count {
            var failure: PackReader.CorruptPackError?
            let read = bytes.withUnsafeMutableBytes { buffer in
                do throws(PackReader.CorruptPackError) {
                    return try self.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[done...]))
                } catch {
                    failure = error
                    return 0
                }
            }
            if let failure { throw failure }
            guard read > 0 else { throw PackReader.CorruptPackError(message: "an object breaks off") }
            done += read
        }
        return bytes
    }
}

import Digest
import Essentials

/// A zlib stream in a file: a loose object, or an object's content in a pack.
struct DeflatedRun: Sendable {
    let file: OpenFile
    /// The offset of the stream in the file, in bytes.
    let start: Int
    /// The number of decompressed bytes before the content: the header of a loose object.
    var prefix = 0
    /// The size of the content in bytes.
    let size: Int
}

/// A sequential reader of a zlib stream with a buffer of 64 KiB. Not thread-safe.
final class RunReader {
    private let run: DeflatedRun
    private let inflater = Inflater()
    private var input = [UInt8](repeating: 0, count: 64 << 10)
    private var pending = 0..<0
    private var offset: Int
    private var isOver = false
    /// The number of content bytes that were read.
    private(set) var position: Int

    init(_ run: DeflatedRun) {
        (self.run, offset, position) = (run, run.start, -run.prefix)
    }

    /// Reads the next bytes. Returns 0 at the end.
    /// - Throws: `PackReader.CorruptPackError`.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(PackReader.CorruptPackError) -> Int {
        while !isOver, !buffer.isEmpty {
            if pending.isEmpty { try fill() }
            let result: (read: Int, written: Int, isEnd: Bool)
            do {
                result = try input.withUnsafeBytes {
                    try inflater.inflate(UnsafeRawBufferPointer(rebasing: $0[pending]), into: buffer)
                }
            } catch { throw PackReader.CorruptPackError(message: "a compressed object is damaged") }
            pending = (pending.lowerBound + result.read)..<pending.upperBound
            isOver = result.isEnd
            guard result.written > 0 else { continue }
            position += result.written
            guard position <= run.size else {
                throw PackReader.CorruptPackError(message: "an object is longer than its header says")
            }
            return result.written
        }
        return 0
    }

    private func fill() throws(PackReader.CorruptPackError) {
        let fileOffset = off_t(offset)
        let count = input.withUnsafeMutableBytes {
            pread(run.file.descriptor, $0.baseAddress, $0.count, fileOffset)
        }
        guard count > 0 else { throw PackReader.CorruptPackError(message: "a compressed object breaks off") }
        (pending, offset) = (0..<count, offset + count)
    }

    /// Reads and discards the content up to a position.
    func skip(to target: Int) throws(PackReader.CorruptPackError) {
        let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
        defer { scratch.deallocate() }
        while position < target {
            let buffer = UnsafeMutableRawBufferPointer(
                rebasing: scratch[..<min(scratch.count, target - position)])
            guard try read(into: buffer) > 0 else {
                throw PackReader.CorruptPackError(message: "an object breaks off")
            }
        }
    }

    /// Reads exactly `count` bytes.
    func bytes(_ count: Int) throws(PackReader.CorruptPackError) -> [UInt8] {
        var (bytes, readCount) = ([UInt8](repeating: 0, count: count), 0)
        while readCount < count {
            var failure: PackReader.CorruptPackError?
            let read = bytes.withUnsafeMutableBytes { buffer in
                do throws(PackReader.CorruptPackError) {
                    return try self.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[readCount...]))
                } catch {
                    failure = error
                    return 0
                }
            }
            if let failure { throw failure }
            guard read > 0 else { throw PackReader.CorruptPackError(message: "an object breaks off") }
            readCount += read
        }
        return bytes
    }
}

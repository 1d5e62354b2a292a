internal import CGit2
import Digest
import Essentials
import SpacesModel
import Synchronization

/// Random access to the content of an object: a file, a compressed object, or a blob in libgit2's
/// memory.
package final class ObjectContent: Sendable {
    private enum Storage: Sendable {
        case file(OpenFile)
        case blob(BlobBuffer)
        case inflated(InflatedContent)
    }

    private let storage: Storage
    /// Bytes.
    package let size: Int

    /// - Throws: kind `source` for a file that cannot be read.
    package init(file path: String) throws(DeployError) {
        guard let file = OpenFile(path), let size = file.size else {
            let reason = String(cString: strerror(errno))
            throw DeployError(.source, "the LFS object \(path) cannot be read: \(reason)")
        }
        (storage, self.size) = (.file(file), size)
    }

    init(_ file: OpenFile, size: Int) { (storage, self.size) = (.file(file), size) }
    init(_ run: DeflatedRun) { (storage, size) = (.inflated(InflatedContent(run)), run.size) }
    init(_ blob: BlobBuffer) { (storage, size) = (.blob(blob), blob.count) }

    package var isInMemory: Bool { if case .blob = storage { true } else { false } }

    /// Reads up to the buffer's size. Returns 0 at the end, or a negative number if the content
    /// cannot be read (`errno`).
    package func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(buffer.count, size - offset)
        guard count > 0, let target = buffer.baseAddress else { return 0 }
        switch storage {
        case .blob(let blob):
            target.copyMemory(from: blob.start + offset, byteCount: count)
            return count
        case .inflated(let content):
            return content.read(at: offset, into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]))
        case .file(let file):
            while true {
                let readCount = pread(file.descriptor, target, count, off_t(offset))
                guard readCount < 0, errno == EINTR else { return readCount }
            }
        }
    }
}

/// An open file descriptor, closed when the last reference is released.
final class OpenFile: Sendable {
    let descriptor: Int32

    init(owning descriptor: Int32) { self.descriptor = descriptor }

    init?(_ path: String) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Bytes; `nil` if it is not a regular file.
    var size: Int? {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(status.st_size)
    }
}

/// A blob in libgit2's memory, without a copy.
///
/// Unchecked: libgit2 never changes the memory of an object that was read, and its reference count
/// is atomic.
final class BlobBuffer: @unchecked Sendable {  // libgit2 never changes the memory
    private let object: BorrowedObject
    let start: UnsafeRawPointer
    let count: Int

    init(_ blob: ObjectID, in database: borrowing ODB) throws(GitError) {
        object = try database.borrow(blob)
        guard let start = object.bytes.baseAddress else {
            throw GitError(call: "git_odb_object_data", code: -1, message: "the object is empty")
        }
        (self.start, count) = (start, object.bytes.count)
    }
}

/// Random access to the content of a compressed object without holding it in memory. A read
/// continues with an idle reader at or before its offset. Concurrent reads, such as parallel
/// multipart uploads, use one reader each.
final class InflatedContent: Sendable {
    private let run: DeflatedRun
    private let idle = Mutex<[Reader]>([])
    private static let maxIdleReaders = 8

    /// Unchecked: only the task that removed a reader from `idle` uses it.
    private final class Reader: @unchecked Sendable {  // used by the one task that removed it from `idle`
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
                throw PackReader.CorruptPackError(message: "an object is longer than its header states")
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
        guard count > 0 else {
            throw PackReader.CorruptPackError(message: "a compressed object is truncated")
        }
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
                throw PackReader.CorruptPackError(message: "an object is truncated")
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
            guard read > 0 else { throw PackReader.CorruptPackError(message: "an object is truncated") }
            readCount += read
        }
        return bytes
    }
}

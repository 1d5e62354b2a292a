import Essentials
import HTTP
import SpacesModel

/// An output stream for the bytes of a pack. Writing may block: do not use it on threads of Swift's
/// pool.
protocol PackOutputStream: AnyObject {
    func write(_ bytes: UnsafeRawBufferPointer) throws
}

/// A request body in memory, up to a size limit.
final class SmallBody: PackOutputStream {
    /// Thrown if the body exceeds the limit.
    struct Exceeded: Error {}

    private(set) var bytes: Data
    private let limit: Int

    /// - Parameter head: the bytes before the pack.
    init(_ head: Data, limit: Int = 1 << 20) { (bytes, self.limit) = (head, limit) }

    func write(_ more: UnsafeRawBufferPointer) throws {
        guard bytes.count + more.count <= limit else { throw Exceeded() }
        bytes.append(contentsOf: more)
    }
}

/// A request body that is sent while it is written. Writing blocks until the connection accepts the
/// bytes.
final class PipedBody: PackOutputStream {
    let pipe: BodyPipe
    /// Collects small writes: a pack is also written in pieces of a few bytes.
    private var buffer: Data
    private static let piece = 64 << 10

    init(_ head: Data, into pipe: BodyPipe) { (buffer, self.pipe) = (head, pipe) }

    func write(_ more: UnsafeRawBufferPointer) throws {
        buffer.append(contentsOf: more)
        if buffer.count >= Self.piece { try flush() }
    }

    func flush() throws {
        try pipe.writeBlocking(buffer)
        buffer.removeAll(keepingCapacity: true)
    }
}

/// A request body that is held in memory while it is small, and otherwise in a temporary file that
/// is removed after the request.
final class SpooledBody: PackOutputStream {
    /// The bytes that have not been written to the file yet.
    private var bytes: Data
    private var file: SpillFile?
    private static let limit = 1 << 20

    /// - Parameter head: the bytes before the pack.
    init(_ head: Data) { bytes = head }

    func write(_ more: UnsafeRawBufferPointer) throws {
        bytes.append(contentsOf: more)
        if bytes.count > Self.limit { try spill() }
    }

    private func spill() throws {
        let file = try file ?? SpillFile()
        self.file = file
        try file.append(bytes)
        bytes.removeAll(keepingCapacity: true)
    }

    func body() throws -> HTTPClientRequest.Body {
        guard let file else { return .bytes(bytes) }
        try spill()
        return .stream(length: file.length) { try file.open() }
    }
}

/// A file in a temporary directory, removed with its last reference.
private final class SpillFile: Sendable {
    private let folder: TemporaryDirectory
    private let path: String
    private let file: OpenFile

    init() throws {
        folder = try TemporaryDirectory()
        path = try folder.write([], as: "body")
        file = OpenFile(owning: PlainFile.open(path, O_WRONLY))
    }

    func append(_ more: Data) throws {
        guard more.withUnsafeBytes({ $0.writeAll(to: file.descriptor) }) else {
            throw DeployError(temporary: temporaryDirectory(), errno)
        }
    }

    var length: Int64 {
        let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? UInt
        return Int64(clamping: size ?? 0)
    }

    func open() throws -> FileReader { try FileReader(path) }
}

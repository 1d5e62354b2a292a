import Digest
import Essentials
import HTTP
import SpacesModel
import Synchronization

/// Writes a pack in version 2 (https://git-scm.com/docs/gitformat-pack). Replaces libgit2's
/// packbuilder, which creates no deltas to objects of the other side, searches for deltas among all
/// objects, and compresses at zlib's default level. That takes most of the time of pushing a few
/// hundred files and hardly reduces the size.
struct PackWriter: ~Copyable {
    private let sink: (UnsafeRawBufferPointer) throws -> Void
    private let hash = SHA1()
    private let deflater = Deflater(level: 4)

    /// - Parameters:
    ///   - count: the number of objects that will be added.
    ///   - sink: takes the pack in pieces, some of a few bytes. It may block: do not use it on threads
    ///     of Swift's pool.
    init(count: Int, into sink: @escaping (UnsafeRawBufferPointer) throws -> Void) throws {
        guard let count = UInt32(exactly: count) else { throw CocoaError(.fileWriteOutOfSpace) }
        let head = Array("PACK".utf8) + [0, 0, 0, 2] + withUnsafeBytes(of: count.bigEndian, Array.init)
        try head.withUnsafeBytes { try sink($0) }
        self.sink = sink
        hash.update(head)
    }

    /// Adds a complete object.
    mutating func add(_ type: ObjectType, _ bytes: UnsafeRawBufferPointer) throws {
        try write(Self.header(type.packed, bytes.count))
        try deflater.deflate(bytes) { try write($0) }
    }

    /// Adds an object as a delta to a base that the receiver has (`OBJ_REF_DELTA`).
    mutating func add(delta: [UInt8], over base: ObjectID) throws {
        try write(Self.header(7, delta.count))
        try write(base.bytes)
        try delta.withUnsafeBytes { try deflater.deflate($0) { try write($0) } }
    }

    /// Adds the packed form of an object from another pack.
    mutating func add(_ entry: PackReader.Entry) throws { try write(entry.bytes) }

    /// Writes the checksum at the end of the pack and returns it.
    @discardableResult consuming func finish() throws -> [UInt8] {
        let (sink, checksum) = (sink, hash.finalize())
        try checksum.withUnsafeBytes { try sink($0) }
        return checksum
    }

    /// Returns an object header: the type and four bits of the size, then seven bits per byte,
    /// least significant first.
    private static func header(_ type: Int, _ size: Int) -> [UInt8] {
        var (byte, remaining) = (UInt8(type << 4 | size & 0x0F), size >> 4)
        var bytes: [UInt8] = []
        while remaining > 0 {
            bytes.append(byte | 0x80)
            (byte, remaining) = (UInt8(remaining & 0x7F), remaining >> 7)
        }
        return bytes + [byte]
    }

    private func write(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try write($0) }
    }

    private func write(_ bytes: UnsafeRawBufferPointer) throws {
        hash.update(bytes)
        try sink(bytes)
    }
}

extension ObjectType {
    /// The type's number in a pack.
    fileprivate var packed: Int {
        switch self {
        case .commit: 1
        case .tree: 2
        case .blob: 3
        case .tag: 4
        case .unknown: 0
        }
    }
}

/// A request body that is held in memory while it is small, and otherwise in a temporary file that
/// is removed after the request.
final class SpooledBody {
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
            throw DiskError.temporaryFailure(in: temporaryDirectory(), errno)
        }
    }

    var length: Int64 {
        let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? UInt
        return Int64(clamping: size ?? 0)
    }

    func open() throws -> FileReader { try FileReader(path) }
}

/// The pack of one push. A small pack is created before it is sent, so that its length is known. A
/// larger one is created while it is sent, and again for each attempt.
final class SentPack: Sendable {
    private struct State {
        var trees: [ObjectID]
        var failure: DeployError?
    }

    /// Thrown if a body is too large to be kept in memory.
    struct TooLarge: Error {}

    /// The maximum size in bytes of a body in memory.
    private static let memoryLimit = 1 << 20
    /// The size in bytes of the pieces in which a larger body is written into its connection.
    static let pieceSize = 64 << 10

    /// Writes the complete body into a connection, or into memory without one; returns the bytes in
    /// memory, `nil` if they are too many, and the ids of the trees in the pack.
    typealias Write = @Sendable (BodyPipe?) async throws(DeployError) -> (bytes: Data?, trees: [ObjectID])

    private let state: Mutex<State>
    /// The body; `nil` for a large one.
    private let bytes: Data?
    private let write: Write

    /// - Throws: `TooLarge` if a body is too large to be kept in memory.
    static func checkSize(of body: Data) throws {
        guard body.count <= memoryLimit else { throw TooLarge() }
    }

    /// - Throws: if the pack cannot be created.
    init(_ write: @escaping Write) async throws(DeployError) {
        let small = try await write(nil)
        (bytes, self.write) = (small.bytes, write)
        state = Mutex(State(trees: small.trees))
    }

    /// The trees among the objects of the pack. Those of a large body are known after it was written.
    var trees: [ObjectID] { state.withLock { $0.trees } }
    /// The error if the pack could not be created; the request then ends like a broken connection.
    var failure: DeployError? { state.withLock { $0.failure } }

    var body: HTTPClientRequest.Body {
        if let bytes { return .bytes(bytes) }
        return .stream(length: nil) { self.open() }
    }

    private func open() -> BodyPipe {
        let pipe = BodyPipe()
        Task {
            do throws(DeployError) {
                let trees = try await write(pipe).trees
                state.withLock { $0.trees = trees }
                pipe.finish()
            } catch {
                if !pipe.isClosed { state.withLock { $0.failure = error } }
                pipe.finish(failure: error.message)
            }
        }
        return pipe
    }
}

import Essentials
import SpacesModel

/// The location of a large blob: a loose object or a pack entry, possibly stored as a chain of
/// deltas. Needed because libgit2 reads packed objects only as a whole.
struct LargeObject {
    /// The size in bytes above which a blob is never held in memory as a whole.
    static let limit = 10 << 20
    /// The maximum length of a delta chain. Git creates up to 50 by default.
    static let chainLimit = 100

    /// The blob's content, or the base at the end of the delta chain.
    let run: DeflatedRun
    /// The deltas to apply to `run`; the last element is applied first.
    let deltas: [DeflatedRun]

    /// - Parameter directories: object directories.
    /// - Returns: `nil` if none of them has the object.
    static func find(_ id: ObjectID, in directories: [String]) throws(PackReader.CorruptPackError)
        -> LargeObject?
    {
        for directory in directories {
            if let run = try loose(id, in: directory) { return LargeObject(run: run, deltas: []) }
            for file in PackFiles(packedIn: directory).largestFirst {
                guard let index = try? PackIndex(at: file.path + ".idx"), let number = index.number(of: id),
                    let pack = OpenFile(file.path + ".pack")
                else { continue }
                return try packed(at: try index.start(number), pack, index)
            }
        }
        return nil
    }

    private static func loose(_ id: ObjectID, in directory: String) throws(PackReader.CorruptPackError)
        -> DeflatedRun?
    {
        let name = id.description
        guard let file = OpenFile("\(directory)/\(name.prefix(2))/\(name.dropFirst(2))") else { return nil }
        let reader = RunReader(DeflatedRun(file: file, start: 0, size: .max))
        var head: [UInt8] = []
        while head.last != 0, head.count < 64 { head += try reader.bytes(1) }
        let fields = String(decoding: head.dropLast(), as: UTF8.self).split(separator: " ")
        guard fields.count == 2, fields[0] == "blob", let size = Int(fields[1]), size >= 0 else {
            throw PackReader.CorruptPackError(message: "\(id) is not a blob")
        }
        return DeflatedRun(file: file, start: 0, prefix: head.count, size: size)
    }

    private static func packed(at start: Int, _ pack: OpenFile, _ index: PackIndex) throws(PackReader
        .CorruptPackError)
        -> LargeObject
    {
        var (offset, deltas): (Int, [DeflatedRun]) = (start, [])
        while true {
            var head = try Self.bytes(of: pack, at: offset, 32)[...]
            let count = head.count
            guard let first = head.popFirst() else {
                throw PackReader.CorruptPackError(message: "a pack is truncated")
            }
            var (size, shift, last) = (Int(first & 0x0F), 4, first)
            while last & 0x80 != 0, shift < 56, let next = head.popFirst() {
                (size, shift, last) = (size | Int(next & 0x7F) << shift, shift + 7, next)
            }
            var base: Int?
            switch first >> 4 & 7 {
            case 3: break
            case 6: base = offset - (try distance(from: &head))
            case 7:
                guard let id = ObjectID(bytes: head.prefix(20)), let number = index.number(of: id) else {
                    throw PackReader.CorruptPackError(message: "a delta has no base in its pack")
                }
                head = head.dropFirst(20)
                base = try index.start(number)
            default: throw PackReader.CorruptPackError(message: "an object is not a blob")
            }
            let run = DeflatedRun(file: pack, start: offset + count - head.count, size: size)
            guard let base else { return LargeObject(run: run, deltas: deltas) }
            deltas.append(run)
            guard deltas.count <= chainLimit, base >= 12 else {
                throw PackReader.CorruptPackError(
                    message: "its delta chain is longer than \(chainLimit)")
            }
            offset = base
        }
    }

    private static func bytes(of file: OpenFile, at offset: Int, _ count: Int) throws(PackReader
        .CorruptPackError)
        -> [UInt8]
    {
        var bytes = [UInt8](repeating: 0, count: count)
        let read = bytes.withUnsafeMutableBytes {
            pread(file.descriptor, $0.baseAddress, count, off_t(offset))
        }
        guard read > 0 else { throw PackReader.CorruptPackError(message: "a pack is truncated") }
        return Array(bytes.prefix(read))
    }

    private static func distance(from head: inout ArraySlice<UInt8>) throws(PackReader.CorruptPackError)
        -> Int
    {
        guard var last = head.popFirst() else {
            throw PackReader.CorruptPackError(message: "an object is truncated")
        }
        var (distance, count) = (Int(last & 0x7F), 1)
        while last & 0x80 != 0, count < 8, let next = head.popFirst() {
            (distance, last, count) = ((distance + 1) << 7 | Int(next & 0x7F), next, count + 1)
        }
        return distance
    }
}

/// Applies a delta (https://git-scm.com/docs/gitformat-pack, "Deltified representation") in a
/// streaming way, from file to file.
struct DeltaApplication {
    private let reader: RunReader
    private let base: ObjectContent
    private let spool: SpoolFile

    static func run(_ delta: DeflatedRun, over base: ObjectContent, in directory: String) throws
        -> ObjectContent
    {
        let reader = RunReader(delta)
        guard try size(from: reader) == base.size else {
            throw PackReader.CorruptPackError(message: "a delta does not match its base")
        }
        let size = try size(from: reader)
        let spool = try SpoolFile(in: directory, for: size)
        try DeltaApplication(reader: reader, base: base, spool: spool).run(upTo: size)
        return spool.content
    }

    private static func size(from reader: RunReader) throws(PackReader.CorruptPackError) -> Int {
        var (size, shift) = (0, 0)
        while shift < 56 {
            let byte = try reader.bytes(1)[0]
            size |= Int(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return size }
            shift += 7
        }
        throw PackReader.CorruptPackError(message: "a delta has an invalid size")
    }

    private func run(upTo size: Int) throws {
        while spool.length < size {
            let operation = try reader.bytes(1)[0]
            if operation & 0x80 == 0 {
                guard operation > 0 else {
                    throw PackReader.CorruptPackError(message: "a delta has an unknown operation")
                }
                try write(Data(try reader.bytes(Int(operation))))
            } else {
                let offset = try number(operation & 0x0F, bytes: 4)
                let count = try number(operation >> 4 & 0x07, bytes: 3)
                try copy(offset, count == 0 ? 0x10000 : count)
            }
            guard spool.length <= size else {
                throw PackReader.CorruptPackError(message: "a delta is too long")
            }
        }
    }

    private func number(_ bits: UInt8, bytes count: Int) throws(PackReader.CorruptPackError) -> Int {
        var number = 0
        for index in 0..<count where bits & 1 << UInt8(index) != 0 {
            number |= Int(try reader.bytes(1)[0]) << (8 * index)
        }
        return number
    }

    private func copy(_ offset: Int, _ count: Int) throws {
        guard offset + count <= base.size else {
            throw PackReader.CorruptPackError(message: "a delta refers to data beyond its base")
        }
        var copied = 0
        var buffer = Data(count: min(count, 1 << 20))
        while copied < count {
            let chunkSize = min(buffer.count, count - copied)
            let read = buffer.withUnsafeMutableBytes {
                base.read(
                    at: offset + copied, into: UnsafeMutableRawBufferPointer(rebasing: $0[..<chunkSize]))
            }
            guard read > 0 else {
                throw PackReader.CorruptPackError(message: "the base of a delta cannot be read")
            }
            try write(buffer.prefix(read))
            copied += read
        }
    }

    private func write(_ bytes: Data) throws {
        guard spool.append(bytes) else {
            throw spool.failure ?? DiskError.temporaryFailure(in: temporaryDirectory(), EIO)
        }
    }
}

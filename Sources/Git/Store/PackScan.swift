import Digest
import TextTools

/// Checks the object sizes of a pack while it arrives, before libgit2 resolves deltas in memory: a
/// few bytes of delta can create an object of any size (https://git-scm.com/docs/gitformat-pack).
///
/// Invalid packs are not reported here but by libgit2.
struct PackScan {
    /// Thrown if an object exceeds its limit.
    struct LimitExceeded: Error { var message: String }

    /// The maximum header size in bytes; those in packs created by Git have at most 30.
    private static let maxHeaderLength = 64

    private enum Phase { case beginning, object, content, end }

    private var phase = Phase.beginning
    /// Bytes of an incomplete pack or object header.
    private var pending: [UInt8] = []
    /// The number of objects that have not been scanned yet.
    private var remainingObjects = 0
    /// The offset of `pending` in the pack.
    private var position = 0
    /// The types of the scanned objects by offset, except blobs: a delta has the type of its base.
    private var types: [Int: ObjectType] = [:]
    private var object = Object()
    private let stream = Stream()

    private struct Object {
        var type = ObjectType.unknown
        var isDelta = false
        /// The first bytes of a delta, which contain the sizes of the base and the result.
        var sizes: [UInt8] = []
    }

    /// The inflater, reused for all objects.
    private final class Stream {
        let inflater = Inflater()
        let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
        deinit { scratch.deallocate() }
    }

    /// Whether all objects have been scanned, or the data is not a valid pack.
    var isAtEnd: Bool { phase == .end && remainingObjects == 0 }

    mutating func consume(_ bytes: [UInt8]) throws(LimitExceeded) {
        var remaining = bytes[...]
        while !remaining.isEmpty, phase != .end {
            if phase == .content {
                try inflate(&remaining)
            } else {
                let chunk = remaining.prefix(Self.maxHeaderLength)
                remaining = remaining.dropFirst(chunk.count)
                pending += chunk
                let consumed = phase == .beginning ? parseHeader() : try parseObjectHeader()
                guard let consumed else {
                    if pending.count > Self.maxHeaderLength { phase = .end }
                    continue
                }
                position += consumed
                remaining = bytes[(remaining.startIndex - (pending.count - consumed))...]
                pending = []
            }
        }
    }

    /// Parses `PACK`, the version and the number of objects.
    /// - Returns: the header's size in bytes; `nil` if it is incomplete.
    private mutating func parseHeader() -> Int? {
        guard pending.count >= 12 else { return nil }
        remainingObjects = pending[8..<12].reduce(0) { $0 << 8 | Int($1) }
        phase = pending.starts(with: "PACK".utf8) && remainingObjects > 0 ? .object : .end
        return 12
    }

    /// Parses an object's type, size and, for a delta, the base.
    /// - Returns: the header's size in bytes; `nil` if it is incomplete.
    private mutating func parseObjectHeader() throws(LimitExceeded) -> Int? {
        var remaining = pending[...]
        guard let (kind, size) = Self.typeAndSize(&remaining) else { return nil }
        object = Object()
        switch kind {
        case 1: object.type = .commit
        case 2: object.type = .tree
        case 3: object.type = .blob
        case 4: object.type = .tag
        case 6:
            guard let distance = Self.distance(&remaining) else { return nil }
            (object.type, object.isDelta) = (types[position - distance] ?? .unknown, true)
        case 7:
            guard remaining.count >= 20 else { return nil }
            remaining = remaining.dropFirst(20)
            object.isDelta = true
        default:
            phase = .end
            return pending.count
        }
        if !object.isDelta { try check(size) }
        if object.type != .blob, object.type != .unknown { types[position] = object.type }
        stream.inflater.reset()
        phase = .content
        return pending.count - remaining.count
    }

    private mutating func inflate(_ remaining: inout ArraySlice<UInt8>) throws(LimitExceeded) {
        let input = remaining
        let result: (read: Int, written: Int, isEnd: Bool)
        do {
            result = try input.withUnsafeBytes { try stream.inflater.inflate($0, into: stream.scratch) }
        } catch {
            phase = .end
            return
        }
        if object.isDelta, object.sizes.count < 20 {
            object.sizes += stream.scratch[..<min(result.written, 20)]
            try checkDelta()
        }
        remaining = remaining.dropFirst(result.read)
        position += result.read
        guard result.isEnd else {
            // No progress: the compressed data is damaged.
            if result.read == 0, result.written == 0 { phase = .end }
            return
        }
        remainingObjects -= 1
        phase = remainingObjects > 0 ? .object : .end
    }

    private func checkDelta() throws(LimitExceeded) {
        var remaining = object.sizes[...]
        guard let base = Self.size(&remaining) else { return }
        try check(base)
        guard let result = Self.size(&remaining) else { return }
        try check(result)
    }

    private func check(_ size: Int) throws(LimitExceeded) {
        if let message = ObjectLimit.violation(object.type, size: size) {
            throw LimitExceeded(message: message)
        }
        guard object.isDelta, size > ObjectLimit.delta else { return }
        throw LimitExceeded(
            message: "an object of \(size.asSize) stored as a delta; "
                + "the limit is \(ObjectLimit.delta >> 20) MiB")
    }

    private static func typeAndSize(_ remaining: inout ArraySlice<UInt8>) -> (kind: UInt8, size: Int)? {
        guard let first = remaining.popFirst() else { return nil }
        var (size, shift, last) = (Int(first & 0x0F), 4, first)
        while last & 0x80 != 0 {
            guard let next = remaining.popFirst() else { return nil }
            size = shift < 56 ? size | Int(next & 0x7F) << shift : .max
            (shift, last) = (shift + 7, next)
        }
        return (first >> 4 & 7, size)
    }

    private static func distance(_ remaining: inout ArraySlice<UInt8>) -> Int? {
        var distance = 0
        for index in 0... {
            guard let next = remaining.popFirst() else { return nil }
            distance = index < 8 ? (distance + (index > 0 ? 1 : 0)) << 7 | Int(next & 0x7F) : .max >> 1
            if next & 0x80 == 0 { return distance }
        }
        return nil
    }

    private static func size(_ remaining: inout ArraySlice<UInt8>) -> Int? {
        var (size, shift) = (0, 0)
        while let next = remaining.popFirst() {
            size = shift < 56 ? size | Int(next & 0x7F) << shift : .max
            if next & 0x80 == 0 { return size }
            shift += 7
        }
        return nil
    }
}

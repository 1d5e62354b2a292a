import Digest
import TextTools

/// Looks at the sizes of a pack's objects while the pack comes in, before libgit2 builds objects from differences in
/// memory: a few bytes of a difference can make an object of any size (https://git-scm.com/docs/gitformat-pack).
///
/// What is no pack is not its matter: libgit2 says so itself.
struct PackScan {
    /// An object beyond its limit.
    struct LimitExceeded: Error { var message: String }

    /// Bytes; those of a pack that Git made are at most 30.
    private static let maxHeaderLength = 64

    private enum Phase { case beginning, object, content, end }

    private var phase = Phase.beginning
    /// Bytes of the pack, or of an object's head, that are not complete yet.
    private var pending: [UInt8] = []
    /// Objects that are still to come.
    private var remainingObjects = 0
    /// Where `pending` begins in the pack.
    private var position = 0
    /// The types of the objects so far by where they begin, without blobs: a difference has its base's type.
    private var types: [Int: ObjectType] = [:]
    private var object = Object()
    private let stream = Stream()

    private struct Object {
        var type = ObjectType.unknown
        var isDelta = false
        /// The first bytes of a difference: the sizes of its base and its result.
        var sizes: [UInt8] = []
    }

    /// One inflater for all objects.
    private final class Stream {
        let inflater = Inflater()
        let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
        deinit { scratch.deallocate() }
    }

    /// Every object has been looked at, or what came is no pack.
    var isAtEnd: Bool { phase == .end && remainingObjects == 0 }

    mutating func consume(_ bytes: [UInt8]) throws(LimitExceeded) {
        var rest = bytes[...]
        while !rest.isEmpty, phase != .end {
            if phase == .content {
                try inflate(&rest)
            } else {
                let piece = rest.prefix(Self.maxHeaderLength)
                rest = rest.dropFirst(piece.count)
                pending += piece
                let used = phase == .beginning ? parseHeader() : try parseObjectHeader()
                guard let used else {
                    if pending.count > Self.maxHeaderLength { phase = .end }
                    continue
                }
                position += used
                rest = bytes[(rest.startIndex - (pending.count - used))...]
                pending = []
            }
        }
    }

    /// `PACK`, the version, and how many objects there are.
    /// - Returns: how many bytes it has; `nil` if there are too few.
    private mutating func parseHeader() -> Int? {
        guard pending.count >= 12 else { return nil }
        remainingObjects = pending[8..<12].reduce(0) { $0 << 8 | Int($1) }
        phase = pending.starts(with: "PACK".utf8) && remainingObjects > 0 ? .object : .end
        return 12
    }

    /// Type, size and, for a difference, the base.
    private mutating func parseObjectHeader() throws(LimitExceeded) -> Int? {
        var rest = pending[...]
        guard let (kind, size) = Self.typeAndSize(&rest) else { return nil }
        object = Object()
        switch kind {
        case 1: object.type = .commit
        case 2: object.type = .tree
        case 3: object.type = .blob
        case 4: object.type = .tag
        case 6:
            guard let distance = Self.distance(&rest) else { return nil }
            (object.type, object.isDelta) = (types[position - distance] ?? .unknown, true)
        case 7:
            guard rest.count >= 20 else { return nil }
            rest = rest.dropFirst(20)
            object.isDelta = true
        default:
            phase = .end
            return pending.count
        }
        if !object.isDelta { try check(size) }
        if object.type != .blob, object.type != .unknown { types[position] = object.type }
        stream.inflater.reset()
        phase = .content
        return pending.count - rest.count
    }

    private mutating func inflate(_ remaining: inout ArraySlice<UInt8>) throws(LimitExceeded) {
        let given = remaining
        let done: (read: Int, written: Int, isEnd: Bool)
        do {
            done = try given.withUnsafeBytes { try stream.inflater.inflate($0, into: stream.scratch) }
        } catch {
            phase = .end
            return
        }
        if object.isDelta, object.sizes.count < 20 {
            object.sizes += stream.scratch[..<min(done.written, 20)]
            try checkDelta()
        }
        remaining = remaining.dropFirst(done.read)
        position += done.read
        guard done.isEnd else {
            // Damaged: it neither takes nor gives.
            if done.read == 0, done.written == 0 { phase = .end }
            return
        }
        remainingObjects -= 1
        phase = remainingObjects > 0 ? .object : .end
    }

    private func checkDelta() throws(LimitExceeded) {
        var rest = object.sizes[...]
        guard let base = Self.size(&rest) else { return }
        try check(base)
        guard let result = Self.size(&rest) else { return }
        try check(result)
    }

    private func check(_ size: Int) throws(LimitExceeded) {
        if let words = ObjectLimit.violation(object.type, size: size) { throw LimitExceeded(message: words) }
        guard object.isDelta, size > ObjectLimit.delta else { return }
        throw LimitExceeded(
            message: "an object of \(size.asSize) as a difference; "
                + "at most \(ObjectLimit.delta >> 20) MiB of one are read")
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

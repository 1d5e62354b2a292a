/// Creates a delta between two objects in the pack format
/// (<https://git-scm.com/docs/gitformat-pack>, "Deltified representation"): instructions to copy
/// ranges of the base and to insert new bytes.
struct Delta: ~Copyable {
    private var bytes: [UInt8] = []
    /// The maximum size of the delta in bytes, beyond which storing the full object is better.
    private let limit: Int

    /// Returns the delta from a base to a new object.
    /// - Parameter limit: the maximum size of the delta in bytes.
    /// - Returns: `nil` if the delta would be longer.
    static func bytes(
        from base: UnsafeRawBufferPointer, to new: UnsafeRawBufferPointer, limit: Int
    ) -> [UInt8]? {
        var delta = Delta(limit: limit)
        delta.append(size: base.count)
        delta.append(size: new.count)
        return delta.describe(new, by: DeltaIndex(of: base)) ? delta.bytes : nil
    }

    private init(limit: Int) { self.limit = limit }

    private mutating func describe(_ new: UnsafeRawBufferPointer, by base: borrowing DeltaIndex) -> Bool {
        var (position, emitted) = (0, 0)
        var window = RollingHash(new, at: 0)
        while position + RollingHash.width <= new.count {
            if let run = base.run(in: new, at: position, hash: window.value, notBefore: emitted) {
                insert(new[emitted..<run.new])
                copy(run.base, run.count)
                (emitted, position) = (run.new + run.count, run.new + run.count)
                window = RollingHash(new, at: position)
            } else {
                window.roll(over: new, from: position)
                position += 1
            }
            // Bytes that are not covered yet would have to be inserted.
            guard bytes.count + position - emitted <= limit else { return false }
        }
        insert(new[emitted...])
        return bytes.count <= limit
    }

    /// Appends a size: seven bits per byte, least significant first.
    private mutating func append(size: Int) {
        var remaining = size
        while remaining > 0x7F {
            bytes.append(UInt8(remaining & 0x7F) | 0x80)
            remaining >>= 7
        }
        bytes.append(UInt8(remaining))
    }

    private mutating func insert(_ new: Slice<UnsafeRawBufferPointer>) {
        var remaining = new
        while !remaining.isEmpty {
            let part = remaining.prefix(0x7F)
            bytes.append(UInt8(part.count))
            bytes.append(contentsOf: part)
            remaining = remaining.dropFirst(part.count)
        }
    }

    /// Appends copy instructions. Version 2 of the format copies up to 64 KiB at once, which is
    /// encoded as size 0.
    private mutating func copy(_ start: Int, _ count: Int) {
        var (start, remaining) = (start, count)
        while remaining > 0 {
            let part = min(remaining, 0x10000)
            let operation = bytes.count
            bytes.append(0x80)
            append(start, bytes: 4, bit: 0, of: operation)
            append(part == 0x10000 ? 0 : part, bytes: 2, bit: 4, of: operation)
            (start, remaining) = (start + part, remaining - part)
        }
    }

    /// Appends the non-zero bytes of a number and sets a bit of the instruction for each of them.
    private mutating func append(_ number: Int, bytes count: Int, bit: Int, of operation: Int) {
        for index in 0..<count {
            let byte = UInt8(truncatingIfNeeded: number >> (8 * index))
            guard byte != 0 else { continue }
            bytes.append(byte)
            bytes[operation] |= 1 << UInt8(bit + index)
        }
    }
}

/// An index of a delta base: the positions of its windows by their hash.
struct DeltaIndex: ~Copyable {
    /// A range of bytes that both objects have in common.
    struct Run {
        var base: Int
        var new: Int
        var count: Int
    }

    private let base: UnsafeRawBufferPointer
    /// The window's start offset plus one, by its hash; 0 if there is none.
    private var positions: [UInt32]
    private let mask: UInt32

    /// The index must not outlive the base's memory.
    init(of base: UnsafeRawBufferPointer) {
        self.base = base
        // A long base is indexed more sparsely, since the ranges shared with it are mostly long,
        // too.
        let step = base.count < 1 << 20 ? RollingHash.width : 4 * RollingHash.width
        var size = 64
        while size < 2 * (base.count / step) { size <<= 1 }
        (positions, mask) = (Array(repeating: 0, count: size), UInt32(size - 1))
        var position = 0
        while position + RollingHash.width <= base.count, position < Int(UInt32.max) - 1 {
            let slot = Int(RollingHash(base, at: position).value & mask)
            if positions[slot] == 0 { positions[slot] = UInt32(position + 1) }
            position += step
        }
    }

    /// Returns the longest common range around a window; `nil` if the base does not contain the
    /// window.
    /// - Parameter lowerBound: the first position in the new object that is not covered yet.
    func run(in new: UnsafeRawBufferPointer, at position: Int, hash: UInt32, notBefore lowerBound: Int)
        -> Run?
    {
        let entry = positions[Int(hash & mask)]
        guard entry > 0 else { return nil }
        var (start, begin) = (Int(entry) - 1, position)
        var (end, stop) = (start, position)
        while end < base.count, stop < new.count, base[end] == new[stop] { (end, stop) = (end + 1, stop + 1) }
        guard stop - position >= RollingHash.width else { return nil }
        while start > 0, begin > lowerBound, base[start - 1] == new[begin - 1] {
            (start, begin) = (start - 1, begin - 1)
        }
        return Run(base: start, new: begin, count: stop - begin)
    }
}

/// A rolling hash (Rabin–Karp) of a window of `width` bytes.
struct RollingHash {
    static let width = 16
    private static let factor: UInt32 = 0x0100_0193
    /// The factor of the byte that leaves the window.
    private static let oldest = (1..<width).reduce(into: UInt32(1)) { power, _ in power &*= factor }

    private var state: UInt32 = 0

    /// - Parameter position: the start of a full window; otherwise the value is meaningless.
    init(_ bytes: UnsafeRawBufferPointer, at position: Int) {
        guard position + Self.width <= bytes.count else { return }
        for index in position..<position + Self.width { state = state &* Self.factor &+ UInt32(bytes[index]) }
    }

    /// The hash, mixed so that its lower bits can be used as a table index.
    var value: UInt32 { (state ^ state >> 15) &* 0x2C1B_3C6D ^ state >> 12 }

    mutating func roll(over bytes: UnsafeRawBufferPointer, from position: Int) {
        guard position + Self.width < bytes.count else { return }
        state =
            (state &- UInt32(bytes[position]) &* Self.oldest) &* Self.factor
            &+ UInt32(bytes[position + Self.width])
    }
}

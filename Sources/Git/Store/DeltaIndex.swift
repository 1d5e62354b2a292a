/// Where in a base the pieces stand that a new object may share with it: the hash of a window at every step.
struct DeltaIndex: ~Copyable {
    /// The same bytes on both sides.
    struct Run {
        var base: Int
        var new: Int
        var count: Int
    }

    private let base: UnsafeRawBufferPointer
    /// By the hash, one more than where the window begins; 0 for none.
    private var positions: [UInt32]
    private let mask: UInt32

    /// Lives no longer than the base.
    init(of base: UnsafeRawBufferPointer) {
        self.base = base
        // Of a long base fewer windows are kept: what is shared with it is mostly long, too.
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

    /// The run around a window, if the base has it.
    /// - Parameter notBefore: what is before it in the new object is told already.
    func run(in new: UnsafeRawBufferPointer, at position: Int, hash: UInt32, notBefore lowerBound: Int)
        -> Run?
    {
        let place = positions[Int(hash & mask)]
        guard place > 0 else { return nil }
        var (start, begin) = (Int(place) - 1, position)
        var (end, stop) = (start, position)
        while end < base.count, stop < new.count, base[end] == new[stop] { (end, stop) = (end + 1, stop + 1) }
        guard stop - position >= RollingHash.width else { return nil }
        while start > 0, begin > lowerBound, base[start - 1] == new[begin - 1] {
            (start, begin) = (start - 1, begin - 1)
        }
        return Run(base: start, new: begin, count: stop - begin)
    }
}

/// The hash of a few bytes that moves on by one byte at a time (Rabin and Karp).
struct RollingHash {
    static let width = 16
    private static let factor: UInt32 = 0x0100_0193
    /// Of the byte that leaves.
    private static let oldest = (1..<width).reduce(into: UInt32(1)) { power, _ in power &*= factor }

    private var state: UInt32 = 0

    /// - Parameter position: of a whole window; short of one the value means nothing.
    init(_ bytes: UnsafeRawBufferPointer, at position: Int) {
        guard position + Self.width <= bytes.count else { return }
        for index in position..<position + Self.width { state = state &* Self.factor &+ UInt32(bytes[index]) }
    }

    /// Spread, so that its lower bits alone will do.
    var value: UInt32 { (state ^ state >> 15) &* 0x2C1B_3C6D ^ state >> 12 }

    mutating func roll(over bytes: UnsafeRawBufferPointer, from position: Int) {
        guard position + Self.width < bytes.count else { return }
        state =
            (state &- UInt32(bytes[position]) &* Self.oldest) &* Self.factor
            &+ UInt32(bytes[position + Self.width])
    }
}

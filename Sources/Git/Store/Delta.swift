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

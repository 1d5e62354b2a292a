/// The difference between two objects as a pack holds it (<https://git-scm.com/docs/gitformat-pack>, "Deltified
/// representation"): runs to copy from the base, and bytes that are new.
struct Delta: ~Copyable {
    private var bytes: [UInt8] = []
    /// A delta that grows beyond so many bytes does not pay.
    private let limit: Int

    /// - Parameter limit: of the delta, in bytes.
    /// - Returns: nil when it would be longer.
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
        var (position, told) = (0, 0)
        var window = RollingHash(new, at: 0)
        while position + RollingHash.width <= new.count {
            if let run = base.run(in: new, at: position, hash: window.value, notBefore: told) {
                insert(new[told..<run.new])
                copy(run.base, run.count)
                (told, position) = (run.new + run.count, run.new + run.count)
                window = RollingHash(new, at: position)
            } else {
                window.roll(over: new, from: position)
                position += 1
            }
            // What is not told yet would be inserted.
            guard bytes.count + position - told <= limit else { return false }
        }
        insert(new[told...])
        return bytes.count <= limit
    }

    /// Seven bits a byte, the lowest first.
    private mutating func append(size: Int) {
        var rest = size
        while rest > 0x7F {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    private mutating func insert(_ new: Slice<UnsafeRawBufferPointer>) {
        var rest = new
        while !rest.isEmpty {
            let part = rest.prefix(0x7F)
            bytes.append(UInt8(part.count))
            bytes.append(contentsOf: part)
            rest = rest.dropFirst(part.count)
        }
    }

    /// Version 2 of the format copies up to 64 KiB at once: a size of 0 means that.
    private mutating func copy(_ start: Int, _ count: Int) {
        var (start, left) = (start, count)
        while left > 0 {
            let part = min(left, 0x10000)
            let operation = bytes.count
            bytes.append(0x80)
            append(start, bytes: 4, bit: 0, of: operation)
            append(part == 0x10000 ? 0 : part, bytes: 2, bit: 4, of: operation)
            (start, left) = (start + part, left - part)
        }
    }

    /// The bytes of a number that are not 0, each announced by a bit of the operation.
    private mutating func append(_ number: Int, bytes count: Int, bit: Int, of operation: Int) {
        for index in 0..<count {
            let byte = UInt8(truncatingIfNeeded: number >> (8 * index))
            guard byte != 0 else { continue }
            bytes.append(byte)
            bytes[operation] |= 1 << UInt8(bit + index)
        }
    }
}

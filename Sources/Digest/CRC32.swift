internal import CSystem

/// The checksum of zlib and of Git's pack indexes (ISO 3309).
package enum CRC32 {
    package static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        var (sum, remaining) = (crc32(0, nil, 0), bytes[...])
        // zlib takes lengths as 32-bit integers.
        while !remaining.isEmpty {
            let part = UnsafeRawBufferPointer(rebasing: remaining.prefix(1 << 30))
            sum = crc32(sum, part.bindMemory(to: UInt8.self).baseAddress, UInt32(part.count))
            remaining = remaining.dropFirst(part.count)
        }
        return UInt32(truncatingIfNeeded: sum)
    }
}

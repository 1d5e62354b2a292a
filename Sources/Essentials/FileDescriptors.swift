/// Reads an open file or a pipe to its end.
/// - Parameters:
///   - size: the expected number of bytes, to reserve memory; more bytes are read, too.
///   - limit: the most bytes that are read.
/// - Returns: `nil` if reading failed; `errno` has the reason.
package func readToEnd(of file: Int32, expecting size: Int = 0, limit: Int = .max) -> [UInt8]? {
    var (bytes, chunk) = ([UInt8](), [UInt8](repeating: 0, count: 64 << 10))
    bytes.reserveCapacity(min(size, limit))
    while bytes.count < limit {
        let count = read(file, &chunk, min(chunk.count, limit - bytes.count))
        if count == 0 { break }
        if count > 0 { bytes += chunk[..<count] } else if errno != EINTR { return nil }
    }
    return bytes
}

/// Creates a pipe whose ends are not inherited by other programs (`FD_CLOEXEC`).
/// - Returns: `nil` if no descriptors are left.
package func makePipe() -> (reading: Int32, writing: Int32)? {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
}

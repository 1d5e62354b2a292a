/// Reads an open file, or what comes through a pipe, to its end.
/// - Parameters:
///   - size: bytes that are expected; more are read, too.
///   - limit: bytes that are read at most.
/// - Returns: `nil` if it cannot be read; `errno` has the reason.
package func readToEnd(of file: Int32, expecting size: Int = 0, limit: Int = .max) -> [UInt8]? {
    var (bytes, part) = ([UInt8](), [UInt8](repeating: 0, count: 64 << 10))
    bytes.reserveCapacity(min(size, limit))
    while bytes.count < limit {
        let count = read(file, &part, min(part.count, limit - bytes.count))
        if count == 0 { break }
        if count > 0 { bytes += part[..<count] } else if errno != EINTR { return nil }
    }
    return bytes
}

/// The two ends of a pipe. Other programs do not inherit them (`FD_CLOEXEC`).
/// - Returns: `nil` if the system has no descriptors left.
package func makePipe() -> (reading: Int32, writing: Int32)? {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
}

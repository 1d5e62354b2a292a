extension UnsafeRawBufferPointer {
    /// Writes all bytes to a file descriptor.
    /// - Returns: false if writing failed; `errno` has the reason.
    package func writeAll(to file: Int32) -> Bool {
        var remaining = self[...]
        while !remaining.isEmpty {
            let count = write(
                file, UnsafeRawBufferPointer(rebasing: remaining).baseAddress,
                Swift.min(remaining.count, 1 << 30))
            if count > 0 {
                remaining = remaining.dropFirst(count)
            } else if count == 0 || errno != EINTR {
                return false
            }
        }
        return true
    }
}

extension UnsafeRawBufferPointer {
    /// False when the file takes no more; `errno` says why.
    package func writeAll(to file: Int32) -> Bool {
        var rest = self[...]
        while !rest.isEmpty {
            let count = write(
                file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, Swift.min(rest.count, 1 << 30))
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if count == 0 || errno != EINTR {
                return false
            }
        }
        return true
    }
}

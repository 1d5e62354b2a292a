import Essentials

/// Reads a small file or a pipe; `nil` if the path cannot be read, or if the task is cancelled
/// before anything was written to the pipe.
/// - Parameter followsLinks: if false, a path whose last component is a symbolic link is not read.
func readFile(_ path: String, limit: Int, followsLinks: Bool = true) -> [UInt8]? {
    // A blocking open(2) or read(2) on a pipe could not be interrupted by Ctrl-C.
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (followsLinks ? 0 : O_NOFOLLOW))
    guard file >= 0 else { return nil }
    defer { close(file) }
    var (bytes, part) = ([UInt8](), [UInt8](repeating: 0, count: min(limit + 1, 1 << 16)))
    while bytes.count <= limit {
        let count = read(file, &part, min(part.count, limit + 1 - bytes.count))
        if count > 0 {
            bytes += part[..<count]
        } else if count == 0 ? isPipe(file) : errno == EAGAIN {
            guard waitForData(into: file) else { return bytes }
        } else if count == 0 {
            return bytes
        } else if errno != EINTR {
            return nil
        }
        guard !Task.isCancelled else { return nil }
    }
    return bytes
}

private func isPipe(_ file: Int32) -> Bool {
    var info = stat()
    return fstat(file, &info) == 0 && info.st_mode & S_IFMT == S_IFIFO
}

/// Waits up to 100 ms for data. Returns false if all writers have closed the pipe; before the first
/// writer, poll(2) reports nothing.
private func waitForData(into file: Int32) -> Bool {
    var request = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
    guard poll(&request, 1, 100) > 0 else { return true }
    return request.revents & Int16(POLLIN) != 0
}

import Essentials

/// Reads a small file, or what comes out of a pipe; nil where there is none that can be read, and where the task was
/// cancelled before somebody wrote into the pipe.
/// - Parameter followsLinks: false: a path whose last name is a symbolic link cannot be read.
func readFile(_ path: String, limit: Int, followsLinks: Bool = true) -> [UInt8]? {
    // What waits for a writer in open(2) or read(2) hears no Ctrl-C.
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

/// Waits a moment. False when all who wrote have left; before the first of them poll(2) tells nothing.
private func waitForData(into file: Int32) -> Bool {
    var asked = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
    guard poll(&asked, 1, 100) > 0 else { return true }
    return asked.revents & Int16(POLLIN) != 0
}

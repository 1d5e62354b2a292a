import Essentials
import Git

/// The end of a file that others add to, too.
enum FileEnd {
    /// Adds text; makes the file where it is not there.
    /// - Parameter mode: of a file that is made.
    /// - Returns: why it could not be done; nil where it was.
    static func add(_ text: String, to path: String, mode: mode_t) -> FileTrouble? {
        add(Data(text.utf8), to: path, mode: mode)
    }

    static func add(_ bytes: Data, to path: String, mode: mode_t) -> FileTrouble? {
        // Nobody waits at the other end of a FIFO.
        let file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, mode)
        guard file >= 0 else { return .last }
        defer { close(file) }
        return append(bytes, to: file) ? nil : .last
    }

    /// Adds all of it or, where only a part of it fits in a regular file, nothing: what others add later would stand in
    /// the same line.
    /// - Returns: false if nothing was added; `errno` says why.
    static func append(_ bytes: Data, to file: Int32) -> Bool {
        var before = stat()
        let isRegular = fstat(file, &before) == 0 && before.st_mode & S_IFMT == S_IFREG
        if bytes.withUnsafeBytes({ $0.writeAll(to: file) }) { return true }
        let code = errno
        if isRegular { ftruncate(file, before.st_size) }
        errno = code
        return false
    }
}

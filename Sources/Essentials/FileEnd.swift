/// Why a file could not be written, without Foundation's dump.
package struct FileError: Error {
    /// The system's error.
    package var code: Int32

    package var message: String { String(cString: strerror(code)) }

    package static var last: FileError { FileError(code: errno) }

    package init(code: Int32) { self.code = code }
}

/// The end of a file that others add to, too.
package enum FileEnd {
    /// Adds text; makes the file where it is not there.
    /// - Parameter mode: of a file that is made.
    /// - Returns: why it could not be done; nil where it was.
    package static func append(_ text: String, to path: String, mode: mode_t) -> FileError? {
        append(Data(text.utf8), to: path, mode: mode)
    }

    package static func append(_ bytes: Data, to path: String, mode: mode_t) -> FileError? {
        // Nobody waits at the other end of a FIFO.
        let file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, mode)
        guard file >= 0 else { return .last }
        defer { close(file) }
        return append(bytes, to: file) ? nil : .last
    }

    /// Adds all of it or, where only a part of it fits in a regular file, nothing: what others add later would stand in
    /// the same line.
    /// - Returns: false if nothing was added; `errno` says why.
    package static func append(_ bytes: Data, to file: Int32) -> Bool {
        var before = stat()
        let isRegular = fstat(file, &before) == 0 && before.st_mode & S_IFMT == S_IFREG
        if bytes.withUnsafeBytes({ $0.writeAll(to: file) }) { return true }
        let code = errno
        if isRegular { ftruncate(file, before.st_size) }
        errno = code
        return false
    }
}

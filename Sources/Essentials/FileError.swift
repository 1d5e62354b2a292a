/// The error of a failed file operation, with the system's message instead of Foundation's verbose
/// description.
package struct FileError: Error {
    /// The value of `errno`.
    package var code: Int32

    package var message: String { String(cString: strerror(code)) }

    package static var last: FileError { FileError(code: errno) }

    package init(code: Int32) { self.code = code }
}

/// Appends text to a file that other processes may append to as well; creates the file if it does not exist.
/// - Parameter mode: the permissions of a file that is created.
/// - Returns: the error; `nil` if the text was appended.
package func appendToFile(_ text: String, at path: String, mode: mode_t) -> FileError? {
    appendToFile(Data(text.utf8), at: path, mode: mode)
}

package func appendToFile(_ bytes: Data, at path: String, mode: mode_t) -> FileError? {
    // A FIFO without a reader must not block.
    let file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, mode)
    guard file >= 0 else { return .last }
    defer { close(file) }
    return appendToFile(bytes, file) ? nil : .last
}

/// Appends all bytes. If only a part of them can be written to a regular file, the file is truncated to
/// its old size: the next append would continue an incomplete line otherwise.
/// - Parameter file: a file descriptor.
/// - Returns: false if appending failed; `errno` has the reason.
package func appendToFile(_ bytes: Data, _ file: Int32) -> Bool {
    var before = stat()
    let isRegular = fstat(file, &before) == 0 && before.st_mode & S_IFMT == S_IFREG
    if bytes.withUnsafeBytes({ $0.writeAll(to: file) }) { return true }
    let code = errno
    if isRegular { ftruncate(file, before.st_size) }
    errno = code
    return false
}

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

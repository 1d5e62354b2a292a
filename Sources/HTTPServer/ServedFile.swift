import Essentials

/// Noncopyable owner of an open file's descriptor, which is closed on `deinit`. Reads and writes
/// without extra copies.
package struct ServedFile: ~Copyable {
    private let descriptor: Int32

    /// Opens a file for reading. Throws `SystemError`.
    package init(reading path: String) throws(SystemError) {
        try self.init(path, O_RDONLY)
    }

    /// Creates a file. Throws `SystemError`, also if the file exists.
    package init(creating path: String) throws(SystemError) {
        try self.init(path, O_WRONLY | O_CREAT | O_EXCL)
    }

    private init(_ path: String, _ flags: Int32) throws(SystemError) {
        descriptor = open(path, flags | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw SystemError("open \(path)") }
    }

    /// Reads at most `limit` bytes at an offset; empty at the end of the file.
    package func bytes(at offset: Int, upTo limit: Int) throws(SystemError) -> [UInt8] {
        while true {
            var failure: Int32 = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
                let readCount = pread(descriptor, buffer.baseAddress, limit, off_t(offset))
                failure = readCount < 0 ? errno : 0
                count = max(readCount, 0)
            }
            if failure == 0 { return bytes }
            guard failure == EINTR else { throw SystemError("read", code: failure) }
        }
    }

    /// Writes all bytes after those written before.
    package func append(_ bytes: borrowing [UInt8]) throws(SystemError) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { systemWrite(descriptor, $0[written...]) }
            if count < 0, errno != EINTR { throw SystemError("write") }
            written += max(count, 0)
        }
    }

    deinit { _ = systemClose(descriptor) }
}

private func systemWrite(_ descriptor: Int32, _ bytes: Slice<UnsafeRawBufferPointer>) -> Int {
    let bytes = UnsafeRawBufferPointer(rebasing: bytes)
    return write(descriptor, bytes.baseAddress, bytes.count)
}

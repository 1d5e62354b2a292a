import Essentials

/// A file of the disk by its descriptor, closed with its owner. Pieces go between it and memory without a copy.
package struct ServedFile: ~Copyable {
    private let descriptor: Int32

    /// Throws `SystemError`.
    package init(reading path: String) throws(SystemError) {
        try self.init(path, O_RDONLY)
    }

    /// A new file; one that is there is a failure. Throws `SystemError`.
    package init(creating path: String) throws(SystemError) {
        try self.init(path, O_WRONLY | O_CREAT | O_EXCL)
    }

    private init(_ path: String, _ flags: Int32) throws(SystemError) {
        descriptor = open(path, flags | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw SystemError("open \(path)") }
    }

    /// At most `limit` bytes from a place on; empty at the end of the file.
    package func bytes(at offset: Int, upTo limit: Int) throws(SystemError) -> [UInt8] {
        while true {
            var failure: Int32 = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
                let found = pread(descriptor, buffer.baseAddress, limit, off_t(offset))
                failure = found < 0 ? errno : 0
                count = max(found, 0)
            }
            if failure == 0 { return bytes }
            guard failure == EINTR else { throw SystemError("read", code: failure) }
        }
    }

    /// Writes all of it behind what was written before.
    package func append(_ bytes: borrowing [UInt8]) throws(SystemError) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { systemWrite(descriptor, $0[done...]) }
            if count < 0, errno != EINTR { throw SystemError("write") }
            done += max(count, 0)
        }
    }

    deinit { _ = systemClose(descriptor) }
}

private func systemWrite(_ descriptor: Int32, _ bytes: Slice<UnsafeRawBufferPointer>) -> Int {
    let bytes = UnsafeRawBufferPointer(rebasing: bytes)
    return write(descriptor, bytes.baseAddress, bytes.count)
}

import Essentials
import Synchronization

/// An output stream. After its reader has closed it, text is dropped without an error; writes are
/// complete and in order.
package final class Terminal: Sendable {
    package let descriptor: Int32
    package let isTerminal: Bool
    private let isClosed = Mutex(false)
    private let writeError = Mutex<FileError?>(nil)
    private let beforeWrite: @Sendable () -> Void
    private let transform: @Sendable (String) -> String

    /// - Parameters:
    ///   - beforeWrite: called before each write.
    ///   - transform: applied to text; bytes are written unchanged.
    package init(
        descriptor: Int32, beforeWrite: @escaping @Sendable () -> Void = {},
        transform: @escaping @Sendable (String) -> String = { $0 }
    ) {
        (self.descriptor, self.beforeWrite, self.transform) = (descriptor, beforeWrite, transform)
        isTerminal = isatty(descriptor) == 1
    }

    /// Whether the stream is closed, so that output is dropped.
    package var hasEnded: Bool { isClosed.withLock { $0 } }

    /// The error that caused output to be dropped, for example a full disk; `nil` for a closed
    /// pipe.
    package var unwritten: FileError? { writeError.withLock { $0 } }

    package func write(_ text: String) { write(Array(transform(text).utf8)) }

    package func write(_ bytes: [UInt8]) {
        if !bytes.isEmpty { beforeWrite() }
        isClosed.withLock { isClosed in
            var bytes = bytes[...]
            while !bytes.isEmpty, !isClosed {
                let count = bytes.withUnsafeBytes { Essentials.write(descriptor, $0.baseAddress, $0.count) }
                if count > 0 {
                    bytes = bytes.dropFirst(count)
                } else if errno == EAGAIN {
                    var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    poll(&ready, 1, 1000)
                } else if errno != EINTR {
                    if [ENOSPC, EDQUOT, EFBIG, EIO].contains(errno) {
                        writeError.withLock { $0 = .last }
                    }
                    isClosed = true
                }
            }
        }
    }
}

extension Terminal {
    /// Opens /dev/null as descriptors 0, 1 and 2 if the caller closed them (`>&-`): otherwise the
    /// first sockets and files would get these numbers, and output would be written into them.
    package static func reserveStandardDescriptors() {
        for number in Int32(0)...2 where fcntl(number, F_GETFD) == -1 {
            // open(2) returns the lowest free number, which is this one.
            _ = open("/dev/null", O_RDWR)
        }
    }
}

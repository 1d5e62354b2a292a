import Essentials
import Synchronization

/// One of the two output streams. A closed pipe drops text and never ends a deploy; writes are whole, in order.
package final class Terminal: Sendable {
    package let descriptor: Int32
    package let isTerminal: Bool
    private let isClosed = Mutex(false)
    private let writeError = Mutex<FileError?>(nil)
    private let beforeWrite: @Sendable () -> Void
    private let transform: @Sendable (String) -> String

    /// - Parameters:
    ///   - before: called before something is written.
    ///   - shape: what becomes of text; bytes are written as they are.
    package init(
        descriptor: Int32, beforeWrite: @escaping @Sendable () -> Void = {},
        transform: @escaping @Sendable (String) -> String = { $0 }
    ) {
        (self.descriptor, self.beforeWrite, self.transform) = (descriptor, beforeWrite, transform)
        isTerminal = isatty(descriptor) == 1
    }

    /// Whoever reads has gone: what is written is dropped.
    package var hasEnded: Bool { isClosed.withLock { $0 } }

    /// Why something was dropped that a reader still waits for: a full disk, not a closed pipe.
    package var unwritten: FileError? { writeError.withLock { $0 } }

    package func write(_ text: String) { write(Array(transform(text).utf8)) }

    package func write(_ bytes: [UInt8]) {
        if !bytes.isEmpty { beforeWrite() }
        isClosed.withLock { isClosed in
            var bytes = bytes[...]
            while !bytes.isEmpty, !isClosed {
                let count = bytes.withUnsafeBytes { systemWrite(descriptor, $0) }
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
    /// Takes the numbers 0, 1 and 2 where the caller left them closed (`>&-`): else the first sockets and files get
    /// them, and what is said is written there.
    package static func reserveStandardDescriptors() {
        for number in Int32(0)...2 where fcntl(number, F_GETFD) == -1 {
            // The lowest free number is this one.
            _ = open("/dev/null", O_RDWR)
        }
    }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    #if canImport(Glibc)
        Glibc.write(descriptor, bytes.baseAddress, bytes.count)
    #else
        Darwin.write(descriptor, bytes.baseAddress, bytes.count)
    #endif
}

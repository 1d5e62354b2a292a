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
    private let overlay = Mutex(Overlay())

    /// The line that is drawn below all other output (`LiveLine`).
    private struct Overlay {
        /// Erases the line; `nil` if there is none.
        var erase: (@Sendable () -> Void)?
        /// Whether the last output did not end its line: a prompt.
        var isLineOpen = false
    }

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
        guard let last = bytes.last else { return }
        beforeWrite()
        let erase = overlay.withLock { overlay in
            overlay.isLineOpen = last != UInt8(ascii: "\n")
            return overlay.erase
        }
        erase?()
        writeBelow(bytes)
    }

    /// Writes without erasing the live line: for the line itself.
    func writeBelow(_ bytes: [UInt8]) {
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
    /// Sets how the live line is erased before other output.
    func onWrite(_ erase: @escaping @Sendable () -> Void) { overlay.withLock { $0.erase = erase } }

    /// Whether the cursor is behind a prompt, where no live line may be drawn.
    var isLineOpen: Bool { overlay.withLock { $0.isLineOpen } }

    /// Records that the user ended the line of a prompt.
    package func lineEnded() { overlay.withLock { $0.isLineOpen = false } }

    /// The size of a terminal in cells.
    package struct Size: Hashable, Sendable {
        package var width: Int
        package var height: Int
    }

    /// The present size, which changes when the window is resized; `nil` if the stream is not a terminal,
    /// or its size is unknown.
    package var size: Size? {
        var size = winsize()
        guard isTerminal, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Size(width: Int(size.ws_col), height: Int(size.ws_row))
    }

    /// The present width in cells; `nil` if lines need not be fitted.
    package var width: Int? { size?.width }

    /// Opens /dev/null as descriptors 0, 1 and 2 if the caller closed them (`>&-`): otherwise the
    /// first sockets and files would get these numbers, and output would be written into them.
    package static func reserveStandardDescriptors() {
        for number in Int32(0)...2 where fcntl(number, F_GETFD) == -1 {
            // open(2) returns the lowest free number, which is this one.
            _ = open("/dev/null", O_RDWR)
        }
    }
}

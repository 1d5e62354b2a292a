import Foundation

/// The end of a file that others add to, too.
enum FileEnd {
    /// Adds text; makes the file where it is not there.
    /// - Parameter mode: of a file that is made.
    /// - Returns: why it could not be done; nil where it was.
    static func add(_ text: String, to path: String, mode: mode_t) -> String? {
        add(Data(text.utf8), to: path, mode: mode)
    }

    static func add(_ bytes: Data, to path: String, mode: mode_t) -> String? {
        // Nobody waits at the other end of a FIFO.
        let file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, mode)
        guard file >= 0 else { return String(cString: strerror(errno)) }
        defer { close(file) }
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            guard count > 0 else { return String(cString: strerror(errno)) }
            rest = rest.dropFirst(count)
        }
        return nil
    }
}

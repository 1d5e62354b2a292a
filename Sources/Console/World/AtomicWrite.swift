import Foundation

/// Why a file could not be written, without Foundation's dump.
struct FileTrouble: Error {
    var words: String

    static var last: FileTrouble { FileTrouble(words: String(cString: strerror(errno))) }
}

/// Writes a file beside its place and renames it, so that nobody ever reads a part of it; a symbolic link stays one, and
/// what is no regular file (a FIFO, a device), or open already (/dev/stdout), is written to.
/// - Parameter mode: nil: what the umask makes of a new file.
/// - Throws: `FileTrouble`.
func writeAtomically(_ data: Data, to path: String, mode: mode_t?) throws {
    let place = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    var info = stat()
    let isOpen = ["/dev/", "/proc/"].contains(where: path.hasPrefix)
    if isOpen || stat(place, &info) == 0 && info.st_mode & S_IFMT != S_IFREG {
        // A directory is refused by this, too.
        if let words = FileEnd.add(data, to: path, mode: 0o600) { throw FileTrouble(words: words) }
        return
    }
    let fresh = place + ".new-\(UInt32.random(in: 0...UInt32.max))"
    let file = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode ?? 0o666)
    guard file >= 0 else { throw FileTrouble.last }
    do {
        if let mode { fchmod(file, mode) }
        let handle = FileHandle(fileDescriptor: file, closeOnDealloc: true)
        try handle.write(contentsOf: data)
        try handle.synchronize()
        try handle.close()
        guard rename(fresh, place) == 0 else { throw FileTrouble.last }
    } catch {
        unlink(fresh)
        throw error
    }
}

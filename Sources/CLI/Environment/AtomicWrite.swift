import Essentials
import Git
import SpacesModel

extension FileError {
    /// - Parameters:
    ///   - path: of the file, absolute.
    ///   - other: the failure if the disk is not the cause.
    func failure(writing path: String, else other: DeployError) -> DeployError {
        let directory = path.deletingLastPathComponent
        guard var failure = DiskError(code, in: directory)?.failure(.output) else { return other }
        failure.message = "\(other.message.split(separator: ":")[0]): \(failure.message)"
        return failure
    }
}

/// Writes a file beside its place and renames it, so that nobody ever reads a part of it; a symbolic link stays one, and
/// what is no regular file (a FIFO, a device), or open already (/dev/stdout), is written to.
/// - Parameter mode: nil: what the umask makes of a new file.
func writeAtomically(_ data: Data, to path: String, mode: mode_t?) throws(FileError) {
    let place = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    var info = stat()
    let isOpen = ["/dev/", "/proc/"].contains(where: path.hasPrefix)
    if isOpen || stat(place, &info) == 0 && info.st_mode & S_IFMT != S_IFREG {
        // A directory is refused by this, too.
        if let trouble = appendToFile(data, at: path, mode: 0o600) { throw trouble }
        return
    }
    let fresh = place + ".new-\(UInt32.random(in: 0...UInt32.max))"
    let file = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode ?? 0o666)
    guard file >= 0 else { throw FileError.last }
    if let mode { fchmod(file, mode) }
    let isWritten = data.withUnsafeBytes { $0.writeAll(to: file) } && fsync(file) == 0
    var trouble = isWritten ? nil : FileError.last
    // Some file systems report a full disk no earlier than here.
    if close(file) != 0, trouble == nil { trouble = .last }
    if trouble == nil, rename(fresh, place) != 0 { trouble = .last }
    if let trouble {
        unlink(fresh)
        throw trouble
    }
}

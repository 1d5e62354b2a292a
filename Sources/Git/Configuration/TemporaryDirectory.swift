import Essentials
import SpacesModel

/// A temporary directory that only its owner may enter. It is removed with its content at the end
/// of its last use.
struct TemporaryDirectory: ~Copyable {
    let path: String
    private var isReleased = false
    /// The open and locked directory. A directory that a crashed process left behind is not locked.
    private let lock: Int32

    init() throws(DeployError) {
        // mkdtemp creates the 0700 directory in one step. FileManager would leave a moment between
        // creation and chmod in which another user could enter.
        let name = "spacesync-XXXXXX"  // mkdtemp(3) replaces the six X
        var template = Array((temporaryDirectory() + name).utf8CString)
        guard mkdtemp(&template) != nil else {
            throw DeployError(temporary: temporaryDirectory(), errno)
        }
        lock = open(template, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        _ = flock(lock, LOCK_SH | LOCK_NB)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        guard !isReleased else { return }
        try? FileManager.default.removeItem(atPath: path)
        if lock >= 0 { close(lock) }
    }

    /// Transfers ownership to the caller, who removes the directory and closes its lock.
    mutating func release() -> (path: String, lock: Int32) {
        isReleased = true
        return (path, lock)
    }

    /// Writes a file with mode 0600 and returns its path.
    func write(_ bytes: [UInt8], as name: String) throws(DeployError) -> String {
        let file = path + "/" + name
        let descriptor = PlainFile.open(file, O_WRONLY | O_CREAT | O_TRUNC)
        guard descriptor >= 0 else { throw DeployError(temporary: temporaryDirectory(), errno) }
        defer { close(descriptor) }
        guard bytes.withUnsafeBytes({ $0.writeAll(to: descriptor) }) else {
            throw DeployError(temporary: temporaryDirectory(), errno)
        }
        return file
    }
}

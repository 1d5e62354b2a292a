import Deploy
import Foundation

/// A temporary directory that only its owner may enter, removed with all in it when its last use is over.
struct PrivateFolder: ~Copyable {
    let path: String
    private var isKept = false

    init() throws(Failure) {
        // mkdtemp makes the name and the 0700 directory in one step; with FileManager there would be a moment between
        // the making and the closing in which another user could enter. It wants six X, and writes the name over them.
        let pattern = FileManager.default.temporaryDirectory.appendingPathComponent("spacesync-XXXXXX").path
        var template = Array(pattern.utf8CString)
        guard mkdtemp(&template) != nil else {
            let cause = String(cString: strerror(errno))
            throw Failure(
                .internalFault, "no temporary directory can be made in \(NSTemporaryDirectory()): \(cause)")
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { if !isKept { try? FileManager.default.removeItem(atPath: path) } }

    /// Leaves the directory to the caller to remove.
    mutating func keep() -> String {
        isKept = true
        return path
    }

    /// Writes a file with mode 0600, and gives its path.
    func write(_ bytes: [UInt8], as name: String) throws(Failure) -> String {
        let file = path + "/" + name
        let made = FileManager.default.createFile(
            atPath: file, contents: Data(bytes), attributes: [.posixPermissions: 0o600])
        guard made else { throw Failure(.internalFault, "\(file) cannot be written") }
        return file
    }
}

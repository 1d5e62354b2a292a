import Foundation

/// A temporary directory, removed when its last reference is gone.
package final class TestDirectory: Sendable {
    package let url: URL
    package var path: String { url.path }

    package init() throws {
        let name = "spacesync-test-" + UUID().uuidString
        url = FileManager.default.temporaryDirectory.appendingPathComponent(name)
            .resolvingSymlinksInPath()
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    /// Writes a file below the directory, creating intermediate directories, and returns its URL.
    @discardableResult
    package func write(_ path: String, _ text: String) throws -> URL { try write(path, Data(text.utf8)) }

    @discardableResult
    package func write(_ path: String, _ bytes: Data) throws -> URL {
        let file = url.appendingPathComponent(path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try bytes.write(to: file)
        return file
    }

    package func read(_ path: String) throws -> Data {
        try Data(contentsOf: url.appendingPathComponent(path))
    }

    deinit { try? FileManager.default.removeItem(at: url) }
}

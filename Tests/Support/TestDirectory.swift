import Foundation

/// A fresh folder that goes away with its last reference.
package final class TestDirectory: Sendable {
    package let url: URL
    package var path: String { url.path }

    package init() throws {
        let name = "spacesync-test-" + UUID().uuidString
        url = FileManager.default.temporaryDirectory.appendingPathComponent(name)
            .resolvingSymlinksInPath()
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    /// Writes a file below the folder, making the folders between, and gives its place.
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

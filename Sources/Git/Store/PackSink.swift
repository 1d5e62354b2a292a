import Foundation
import HTTP

/// Gathers the body of a push: in memory while it is small, else in a private file that goes when the request does.
final class PackSink {
    private var bytes: Data
    private var file: SpillFile?
    private static let limit = 4 << 20

    /// - Parameter head: what goes before the pack.
    init(_ head: Data) { bytes = head }

    func take(_ more: UnsafeRawBufferPointer) throws {
        if let file { return try file.append(Data(more)) }
        bytes.append(contentsOf: more)
        guard bytes.count > Self.limit else { return }
        file = try SpillFile(bytes)
        bytes = Data()
    }

    var body: Request.Body {
        guard let file else { return .bytes(bytes) }
        return .stream(length: file.length) { try file.open() }
    }
}

/// A file in a private directory, which is removed with its last user.
private final class SpillFile: Sendable {
    private let folder: PrivateFolder
    private let path: String
    private let handle: FileHandle

    init(_ start: Data) throws {
        folder = try PrivateFolder()
        path = try folder.write(Array(start), as: "body")
        handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle.seekToEnd()
    }

    func append(_ more: Data) throws { try handle.write(contentsOf: more) }

    var length: Int64 {
        let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int64
        return size ?? 0
    }

    func open() throws -> InputStream {
        guard let stream = InputStream(fileAtPath: path) else { throw CocoaError(.fileReadNoSuchFile) }
        return stream
    }
}

import Foundation

/// Part of a file on its way to a client, a piece at a time.
struct FilePart: Sendable {
    var path: String
    var offset: Int
    var length: Int

    func send(to outflow: Outflow) async throws {
        let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? handle.close() }
        try handle.seek(toOffset: UInt64(max(offset, 0)))
        var left = length
        while left > 0, let data = try handle.read(upToCount: min(left, 256 * 1024)), !data.isEmpty {
            left -= data.count
            try await outflow.body(Array(data))
        }
    }
}

import Essentials
import HTTPServer

extension Response {
    /// Returns a file, or the single byte range of the file that the request asks for (RFC 9110,
    /// 14.2). Throws `HubHTTPError.noEntry` if the file does not exist.
    static func file(_ file: URL, range: String?) throws -> Response {
        guard let size = LFSStore.size(at: file) else { throw HubHTTPError.noEntry }
        var response = Response(fields: [
            "Content-Type": "application/octet-stream", "Accept-Ranges": "bytes",
        ])
        response.body = .file(path: file.path, length: size)
        guard let range, let (first, last) = byteRange(range, of: size) else { return response }
        guard first <= last, first < size else {
            return Response(416, fields: ["Content-Range": "bytes */\(size)"])
        }
        response.status = 206
        response.fields["Content-Range"] = "bytes \(first)-\(last)/\(size)"
        response.body = .file(path: file.path, offset: first, length: last - first + 1)
        return response
    }

    private static func byteRange(_ range: String, of size: Int) -> (Int, Int)? {
        guard range.hasPrefix("bytes=") else { return nil }
        let bounds = range.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard bounds.count == 2 else { return nil }
        if bounds[0].isEmpty { return Int(bounds[1]).map { (max(size - $0, 0), size - 1) } }
        guard let first = Int(bounds[0]) else { return nil }
        return (first, min(Int(bounds[1]) ?? size - 1, size - 1))
    }
}

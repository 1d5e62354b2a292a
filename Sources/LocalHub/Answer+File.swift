import Essentials
import HTTPServer

extension Response {
    /// A file, or the one range of it that was asked for (RFC 9110, 14.2).
    static func file(_ file: URL, range: String?) throws -> Response {
        guard let size = LFSStore.size(at: file) else { throw HubHTTPError.noEntry }
        var answer = Response(fields: ["Content-Type": "application/octet-stream", "Accept-Ranges": "bytes"])
        answer.body = .file(path: file.path, length: size)
        guard let range, let (first, last) = byteRange(range, of: size) else { return answer }
        guard first <= last, first < size else {
            return Response(416, fields: ["Content-Range": "bytes */\(size)"])
        }
        answer.status = 206
        answer.fields["Content-Range"] = "bytes \(first)-\(last)/\(size)"
        answer.body = .file(path: file.path, offset: first, length: last - first + 1)
        return answer
    }

    private static func byteRange(_ range: String, of size: Int) -> (Int, Int)? {
        guard range.hasPrefix("bytes=") else { return nil }
        let ends = range.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2 else { return nil }
        if ends[0].isEmpty { return Int(ends[1]).map { (max(size - $0, 0), size - 1) } }
        guard let first = Int(ends[0]) else { return nil }
        return (first, min(Int(ends[1]) ?? size - 1, size - 1))
    }
}

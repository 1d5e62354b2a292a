import Digest
import Essentials
import HTTPServer
import TextTools

/// An object that comes in parts. Each lies as `00001.ETAG` in a folder of this upload's own, until all are joined.
struct MultipartUpload: Sendable {
    let store: LFSStore
    let oid: String
    /// Tells this upload of the object from any other.
    let key: String
    /// Bytes of the object, and of each part but the last.
    let size: Int
    let partSize: Int

    /// One part as the client names it at the end.
    struct Part: Hashable, Sendable {
        var number: Int
        var etag: String
    }

    /// S3's own limit.
    static let maxPartCount = 10_000

    var count: Int { size / partSize + (size % partSize > 0 ? 1 : 0) }
    private var folder: URL { store.incoming.appendingPathComponent(key) }

    /// Bytes of a part; nil when there is none of this number.
    func size(of part: Int) -> Int? {
        guard (1...max(count, 1)).contains(part), count > 0 else { return nil }
        return part < count ? partSize : size - partSize * (count - 1)
    }

    static func name(of part: Int) -> String { String(String(100_000 + part).dropFirst()) }

    /// Keeps a part in the place of an older one, and gives its ETag.
    func save(_ body: RequestBody, as part: Int) async throws -> String {
        let draft = try store.makeDraft(in: folder), hash = SHA256()
        defer { try? FileManager.default.removeItem(at: draft) }
        _ = try await body.save(to: draft) { hash.update($0) }
        let etag = String(hash.finalize().hex.prefix(32))
        guard rename(draft.path, file(Part(number: part, etag: etag)).path) == 0 else {
            throw S3Error.noBucket
        }
        for other in storedETags(part) where other != etag { remove(file(Part(number: part, etag: other))) }
        return etag
    }

    /// Joins the parts to the object; once it is here, asking again changes nothing. Throws `HubHTTPError` 400 when a part
    /// is missing or another one, or when they are not the object.
    func complete(_ parts: [Part]) async throws {
        do {
            if store.size(of: oid) != size { try await join(try files(of: parts)) }
        } catch {
            // Asked twice at the same time, the other one has been faster.
            guard store.size(of: oid) == size else { throw error }
        }
        remove(folder)
    }

    private func join(_ files: [URL]) async throws {
        let draft = try store.makeDraft()
        defer { remove(draft) }
        let hash = SHA256()
        try await write(files, to: draft) { hash.update($0) }
        let sum = hash.finalize().hex
        guard sum == oid else {
            throw HubHTTPError.badRequest("The parts make another object: its SHA-256 is \(sum), not \(oid).")
        }
        try store.adopt(draft, as: oid)
    }

    private func write(_ files: [URL], to draft: URL, each: (borrowing [UInt8]) -> Void) async throws {
        let target = try ServedFile(creating: draft.path)
        for file in files {
            let part = try ServedFile(reading: file.path)
            var done = 0
            while case let piece = try part.bytes(at: done, upTo: 1 << 20), !piece.isEmpty {
                each(piece)
                try target.append(piece)
                done += piece.count
                // A gigabyte takes a second: others get their turn in between.
                try Task.checkCancellation()
                await Task.yield()
            }
        }
    }

    /// The files of the parts in their order.
    private func files(of parts: [Part]) throws(HubHTTPError) -> [URL] {
        let given = Dictionary(parts.map { ($0.number, $0.etag) }) { first, _ in first }
        guard parts.count == count, given.count == count, given.keys.allSatisfy({ size(of: $0) != nil })
        else {
            throw .badRequest("The upload has the parts 1 to \(count), each once: \(parts.count) were named.")
        }
        var files: [URL] = []
        for number in given.keys.sorted() {
            let part = Part(number: number, etag: given[number]?.filter { $0 != "\"" } ?? "")
            guard let stored = storedETags(number).first else {
                throw .badRequest("Part \(number) was not uploaded.")
            }
            guard stored == part.etag else { throw .badRequest("Part \(number) has the ETag \"\(stored)\".") }
            guard LFSStore.size(at: file(part)) == size(of: number) else {
                throw .badRequest("Part \(number) has not the announced size.")
            }
            files.append(file(part))
        }
        return files
    }

    /// ETags of a part's files: one, but for the moment in which it is replaced.
    private func storedETags(_ part: Int) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        let prefix = Self.name(of: part) + "."
        return names.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
    }

    private func file(_ part: Part) -> URL {
        folder.appendingPathComponent("\(Self.name(of: part.number)).\(part.etag)")
    }

    private func remove(_ file: URL) { try? FileManager.default.removeItem(at: file) }
}

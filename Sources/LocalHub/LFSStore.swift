import Digest
import Essentials
import HTTPServer
import TextTools

/// The LFS objects of one Space. Incomplete uploads are stored in a separate directory of the Space.
struct LFSStore: Sendable {
    /// The folder of the Space's bare repository.
    let folder: URL

    /// Returns the path of an object, whether it exists or not.
    func object(_ oid: String) -> URL {
        folder.appendingPathComponent("lfs/objects/\(oid.prefix(2))/\(oid.dropFirst(2).prefix(2))/\(oid)")
    }

    /// Returns the size of an object in bytes; `nil` if it does not exist.
    func size(of oid: String) -> Int? { Self.size(at: object(oid)) }

    func contains(_ pointer: HubLFSPointer) -> Bool { size(of: pointer.oid) == pointer.size }

    /// The directory for incomplete uploads. They are useless after a restart, because presigned
    /// URLs do not outlive the process.
    var incoming: URL { folder.appendingPathComponent("lfs/incoming") }

    /// Returns a path for a temporary file in the folder, by default `incoming`, and creates the
    /// folder.
    func makeDraft(in folder: URL? = nil) throws -> URL {
        let folder = folder ?? incoming
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder.appendingPathComponent(UUID().uuidString)
    }

    /// Stores an object. Throws `S3Error` if its SHA-256 is not `oid`.
    func save(_ body: RequestBody, as oid: String) async throws {
        let draft = try makeDraft()
        defer { try? FileManager.default.removeItem(at: draft) }
        let hash = SHA256()
        _ = try await body.save(to: draft) { hash.update($0) }
        guard hash.finalize().hex == oid else { throw S3Error.otherDigest }
        try adopt(draft, as: oid)
    }

    /// Moves a complete temporary file to the path of the object. Throws `S3Error` if the Space was
    /// removed in the meantime.
    func adopt(_ draft: URL, as oid: String) throws {
        guard FileManager.default.fileExists(atPath: draft.path) else { throw S3Error.noBucket }
        let destination = object(oid)
        try FileManager.default.createDirectory(
            at: destination.deletingLastPathComponent(), withIntermediateDirectories: true)
        guard rename(draft.path, destination.path) == 0 else { throw S3Error.noBucket }
    }

    /// Returns the size of a file in bytes; `nil` if it does not exist.
    static func size(at file: URL) -> Int? {
        let size = (try? FileManager.default.attributesOfItem(atPath: file.path))?[.size] as? UInt
        return size.map { Int(clamping: $0) }
    }
}

extension SpaceStore {
    nonisolated func store(_ id: String) -> LFSStore { LFSStore(folder: folder(id)) }
}

/// A multipart upload of an LFS object. Each part is stored as `00001.ETAG` in the upload's folder
/// until all parts are joined.
struct MultipartUpload: Sendable {
    let store: LFSStore
    let oid: String
    /// The id of this upload, as an object may be uploaded several times.
    let key: String
    /// The size of the object in bytes.
    let size: Int
    /// The size of each part except the last, in bytes.
    let partSize: Int

    /// A part as listed in the completion request.
    struct Part: Hashable, Sendable {
        var number: Int
        var etag: String
    }

    /// The maximum number of parts in S3
    /// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html).
    static let maxPartCount = 10_000

    /// The number of parts.
    var count: Int { size / partSize + (size % partSize > 0 ? 1 : 0) }
    private var folder: URL { store.incoming.appendingPathComponent(key) }

    /// Returns the size of a part in bytes; `nil` if the upload has no part with this number.
    func size(of part: Int) -> Int? {
        guard (1...max(count, 1)).contains(part), count > 0 else { return nil }
        return part < count ? partSize : size - partSize * (count - 1)
    }

    static func name(of part: Int) -> String { String(String(100_000 + part).dropFirst()) }

    /// Stores a part, replaces an earlier version of it, and returns its ETag.
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

    /// Joins the parts to the object. Does nothing if the object exists already. Throws
    /// `HubHTTPError` 400 if a part is missing or has another ETag, or if the SHA-256 of the joined
    /// parts is not `oid`.
    func complete(_ parts: [Part]) async throws {
        do {
            if store.size(of: oid) != size { try await join(try files(of: parts)) }
        } catch {
            // A concurrent request may have completed the same upload.
            guard store.size(of: oid) == size else { throw error }
        }
        remove(folder)
    }

    private func join(_ files: [URL]) async throws {
        let draft = try store.makeDraft()
        defer { remove(draft) }
        let hash = SHA256()
        try await write(files, to: draft) { hash.update($0) }
        let digest = hash.finalize().hex
        guard digest == oid else {
            throw HubHTTPError.badRequest(
                "The parts form another object: its SHA-256 is \(digest), not \(oid).")
        }
        try store.adopt(draft, as: oid)
    }

    private func write(_ files: [URL], to draft: URL, each: (borrowing [UInt8]) -> Void) async throws {
        let target = try ServedFile(creating: draft.path)
        for file in files {
            let part = try ServedFile(reading: file.path)
            var offset = 0
            while case let piece = try part.bytes(at: offset, upTo: 1 << 20), !piece.isEmpty {
                each(piece)
                try target.append(piece)
                offset += piece.count
                // Joining 1 GB takes about a second; yield so that other tasks can run in between.
                try Task.checkCancellation()
                await Task.yield()
            }
        }
    }

    /// Returns the files of the parts in order. Throws a 400 error if the list does not match the
    /// stored parts.
    private func files(of parts: [Part]) throws(HubHTTPError) -> [URL] {
        let etags = Dictionary(parts.map { ($0.number, $0.etag) }) { first, _ in first }
        guard parts.count == count, etags.count == count, etags.keys.allSatisfy({ size(of: $0) != nil })
        else {
            throw .badRequest(
                "The upload has the parts 1 to \(count), each once, but the request has \(parts.count).")
        }
        var files: [URL] = []
        for number in etags.keys.sorted() {
            let part = Part(number: number, etag: etags[number]?.filter { $0 != "\"" } ?? "")
            guard let stored = storedETags(number).first else {
                throw .badRequest("Part \(number) was not uploaded.")
            }
            guard stored == part.etag else { throw .badRequest("Part \(number) has the ETag \"\(stored)\".") }
            guard LFSStore.size(at: file(part)) == size(of: number) else {
                throw .badRequest("Part \(number) does not have the announced size.")
            }
            files.append(file(part))
        }
        return files
    }

    /// Returns the ETags of a part's files: more than one only while the part is being replaced.
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

import Digest
import Essentials
import HTTPServer
import TextTools

/// The LFS objects of one Space. What is not whole yet lies apart from them, and goes with the Space too.
struct LFSStore: Sendable {
    /// The Space's own.
    let folder: URL

    /// Where an object lies, or would.
    func object(_ oid: String) -> URL {
        folder.appendingPathComponent("lfs/objects/\(oid.prefix(2))/\(oid.dropFirst(2).prefix(2))/\(oid)")
    }

    /// Bytes; nil when the object is not here.
    func size(of oid: String) -> Int? { Self.size(at: object(oid)) }

    func contains(_ pointer: HubLFSPointer) -> Bool { size(of: pointer.oid) == pointer.size }

    /// Uploads under way. No link outlives the process, so that none of them is of use to the next.
    var incoming: URL { folder.appendingPathComponent("lfs/incoming") }

    /// A place for an object that is on its way; the folder is made.
    func makeDraft(in folder: URL? = nil) throws -> URL {
        let folder = folder ?? incoming
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder.appendingPathComponent(UUID().uuidString)
    }

    /// Takes an object in. Throws `S3Error` when its bytes are not those of its name.
    func save(_ body: RequestBody, as oid: String) async throws {
        let draft = try makeDraft()
        defer { try? FileManager.default.removeItem(at: draft) }
        let hash = SHA256()
        _ = try await body.save(to: draft) { hash.update($0) }
        guard hash.finalize().hex == oid else { throw S3Error.otherDigest }
        try adopt(draft, as: oid)
    }

    /// Makes a whole draft the object. Throws `S3Error` when the Space went meanwhile.
    func adopt(_ draft: URL, as oid: String) throws {
        guard FileManager.default.fileExists(atPath: draft.path) else { throw S3Error.noBucket }
        let place = object(oid)
        try FileManager.default.createDirectory(
            at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
        guard rename(draft.path, place.path) == 0 else { throw S3Error.noBucket }
    }

    static func size(at file: URL) -> Int? {
        let size = (try? FileManager.default.attributesOfItem(atPath: file.path))?[.size] as? UInt
        return size.map { Int(clamping: $0) }
    }
}

extension SpaceStore {
    nonisolated func store(_ id: String) -> LFSStore { LFSStore(folder: folder(id)) }
}

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

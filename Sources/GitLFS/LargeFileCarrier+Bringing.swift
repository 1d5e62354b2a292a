import Essentials
import Git
import SpacesModel

/// The way back: objects to this machine, for those who build or look.
extension LargeFileCarrier {
    package func fill(
        _ files: [LargeFile], of snapshot: Snapshot, in folder: String
    ) async throws(Failure) -> [LostFile] {
        let places = await source.largeFilePlaces(of: snapshot.commit)
        let lost = try await find(files, in: places)
        let gone = Set(lost.map(\.file))
        for file in files where !gone.contains(file) {
            do throws(Failure) {
                try await bring(file.pointer, places, into: try Spool(over: "\(folder)/\(file.path)"))
            } catch {
                var failure = error
                failure.message = "\(file.path.shown): \(failure.message)"
                throw failure
            }
        }
        return lost
    }

    package func content(of file: LargeFile, of snapshot: Snapshot) async throws(Failure) -> [UInt8]? {
        let places = await source.largeFilePlaces(of: snapshot.commit)
        guard try await find([file], in: places).isEmpty else { return nil }
        let spool = try Spool(in: access.directory, for: file.pointer.size)
        try await bring(file.pointer, places, into: spool)
        let content = spool.content
        var bytes = [UInt8](repeating: 0, count: content.size)
        let count = bytes.withUnsafeMutableBytes { content.read(at: 0, into: $0) }
        return count == bytes.count ? bytes : nil
    }

    /// Of an object that was found.
    private func bring(
        _ pointer: LFSPointer, _ places: LFSPlaces, into spool: Spool
    ) async throws(Failure) {
        if let path = places.file(of: pointer) {
            try await copy(try ObjectContent(file: path), into: spool)
            return try spool.check(pointer, "it is damaged in \(path)")
        }
        guard let (server, link) = links[pointer.oid] else {
            // An empty one is nobody's to give.
            return try spool.check(pointer, "it was not found")
        }
        try await LFSDownload(server: server, pointer: pointer, window: LFSDownload.widest).bring(
            link, into: spool)
    }

    private func copy(_ content: ObjectContent, into spool: Spool) async throws(Failure) {
        let isWhole = try await Self.executor.run { () throws(Failure) in spool.copy(content) }
        guard isWhole else {
            throw spool.failure ?? Failure(.source, "an LFS object cannot be read to its end")
        }
    }

    private static let executor = GitExecutor("copy")
}

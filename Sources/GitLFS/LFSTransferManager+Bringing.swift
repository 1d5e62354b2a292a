import Essentials
import Git
import SpacesModel

/// The way back: objects to this machine, for those who build or look.
extension LFSTransferManager {
    package func checkOut(
        _ files: [LFSFile], of snapshot: SourceSnapshot, in folder: String
    ) async throws(DeployError) -> [MissingLFSObject] {
        let places = await source.lfsEndpoints(of: snapshot.commit)
        let lost = try await find(files, in: places)
        let gone = Set(lost.map(\.file))
        for file in files where !gone.contains(file) {
            do throws(DeployError) {
                try await download(file.pointer, places, into: try SpoolFile(over: "\(folder)/\(file.path)"))
            } catch {
                var failure = error
                failure.message = "\(file.path.shown): \(failure.message)"
                throw failure
            }
        }
        return lost
    }

    package func content(of file: LFSFile, of snapshot: SourceSnapshot) async throws(DeployError) -> [UInt8]?
    {
        let places = await source.lfsEndpoints(of: snapshot.commit)
        guard try await find([file], in: places).isEmpty else { return nil }
        let spool = try SpoolFile(in: access.directory, for: file.pointer.size)
        try await download(file.pointer, places, into: spool)
        let content = spool.content
        var bytes = [UInt8](repeating: 0, count: content.size)
        let count = bytes.withUnsafeMutableBytes { content.read(at: 0, into: $0) }
        return count == bytes.count ? bytes : nil
    }

    /// Of an object that was found.
    private func download(
        _ pointer: LFSPointer, _ endpoints: LFSEndpoints, into spool: SpoolFile
    ) async throws(DeployError) {
        if let path = endpoints.file(of: pointer) {
            try await copy(try ObjectContent(file: path), into: spool)
            return try spool.verify(pointer, "it is damaged in \(path)")
        }
        guard let (server, link) = links[pointer.oid] else {
            // An empty one is nobody's to give.
            return try spool.verify(pointer, "it was not found")
        }
        try await LFSDownload(server: server, pointer: pointer, window: LFSDownload.maxWindow).download(
            link, into: spool)
    }

    private func copy(_ content: ObjectContent, into spool: SpoolFile) async throws(DeployError) {
        let isWhole = try await Self.executor.run { () throws(DeployError) in spool.copy(content) }
        guard isWhole else {
            throw spool.failure ?? DeployError(.source, "an LFS object cannot be read to its end")
        }
    }

    private static let executor = GitExecutor("copy")
}

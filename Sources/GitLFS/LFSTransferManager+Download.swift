import Essentials
import Git
import SpacesModel

/// Downloads of LFS objects to this machine, for exports and diffs.
extension LFSTransferManager {
    package func checkOut(
        _ files: [LFSFile], of snapshot: SourceSnapshot, in folder: String
    ) async throws(DeployError) -> [MissingLFSObject] {
        let endpoints = await source.lfsEndpoints(of: snapshot.commit)
        let missing = try await find(files, in: endpoints)
        let missingFiles = Set(missing.map(\.file))
        for file in files where !missingFiles.contains(file) {
            do throws(DeployError) {
                try await download(
                    file.pointer, endpoints, into: try SpoolFile(over: "\(folder)/\(file.path)"))
            } catch {
                var failure = error
                failure.message = "\(file.path.shown): \(failure.message)"
                throw failure
            }
        }
        return missing
    }

    package func content(of file: LFSFile, of snapshot: SourceSnapshot) async throws(DeployError) -> [UInt8]?
    {
        let endpoints = await source.lfsEndpoints(of: snapshot.commit)
        guard try await find([file], in: endpoints).isEmpty else { return nil }
        let spool = try SpoolFile(in: access.directory, for: file.pointer.size)
        try await download(file.pointer, endpoints, into: spool)
        let content = spool.content
        var bytes = [UInt8](repeating: 0, count: content.size)
        let count = bytes.withUnsafeMutableBytes { content.read(at: 0, into: $0) }
        return count == bytes.count ? bytes : nil
    }

    /// Downloads an object that `find` has located.
    private func download(
        _ pointer: LFSPointer, _ endpoints: LFSEndpoints, into spool: SpoolFile
    ) async throws(DeployError) {
        if let path = endpoints.file(of: pointer) {
            try await copy(try ObjectContent(file: path), into: spool)
            return try spool.verify(pointer, "it is damaged in \(path)")
        }
        guard let (server, link) = links[pointer.oid] else {
            // An empty object is on no server.
            return try spool.verify(pointer, "it was not found")
        }
        try await LFSDownload(server: server, pointer: pointer, window: LFSDownload.maxWindow).download(
            link, into: spool)
    }

    private func copy(_ content: ObjectContent, into spool: SpoolFile) async throws(DeployError) {
        let isComplete = try await Self.executor.run { () throws(DeployError) in spool.copy(content) }
        guard isComplete else {
            throw spool.failure ?? DeployError(.source, "an LFS object cannot be read to its end")
        }
    }

    private static let executor = GitExecutor("copy")
}

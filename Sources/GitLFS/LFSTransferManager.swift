import Essentials
import Git
import HTTP
import SpacesModel
import TextTools

/// Transfers LFS objects from a source to the Space's storage: local files and blobs directly,
/// objects of the source's server through a spool file. Only Git blobs may be held in memory as a
/// whole.
package actor LFSTransferManager: LFSTransferring {
    /// The dependencies of the transfer manager: HTTP client, limits, cache directory and
    /// credentials.
    package struct Access: Sendable {
        package var client: HTTPClient
        package var meter: TrafficCounter?
        /// The number of concurrent transfers.
        package var jobs = 4
        /// Shared by the transfer managers of a run, so that only one large blob at a time is held
        /// in memory.
        package var largeFileMutex = AsyncMutex()
        /// The cache directory, where spool files are created.
        package var directory: String
        /// Returns the credentials for a source's LFS server, by the requested URL and whether only
        /// a file of the source names the server.
        package var authorization: @Sendable (URL, _ isForeign: Bool) throws(DeployError) -> Authorization?
        /// Hosts in the operator's configuration, which may be contacted in private networks, too.
        package var named: Set<String>

        package init(
            client: HTTPClient, meter: TrafficCounter?, directory: String, named: Set<String>,
            authorization: @escaping @Sendable (URL, Bool) throws(DeployError) -> Authorization?
        ) {
            (self.client, self.meter, self.directory) = (client, meter, directory)
            (self.named, self.authorization) = (named, authorization)
        }
    }

    /// The Space's repository on the Hub.
    package struct Space: Sendable {
        package var url: URL
        package var name: String
        package var authorization: Authorization?
        package var branch: String

        package init(at url: URL, named name: String, authorization: Authorization?, branch: String) {
            (self.url, self.name) = (url, name)
            (self.authorization, self.branch) = (authorization, branch)
        }
    }

    let source: any GitSource
    let store: ObjectStore
    let access: Access
    /// The Hub's LFS server; `nil` if the Hub is not contacted (`check`).
    let hub: LFSClient?
    /// Whether objects may be uploaded.
    let isWritable: Bool
    /// Download links for objects that are not on this machine, by the object's id.
    var links: [String: (server: LFSClient, link: LFSAction)] = [:]

    package init(
        from source: any GitSource, in store: ObjectStore, to space: Space?, isWritable: Bool,
        _ access: Access
    ) {
        (self.source, self.store, self.access, self.isWritable) = (source, store, access, isWritable)
        hub = space.map { space in
            let party = RemoteDescription(
                role: .space, name: space.name, host: Origin(space.url)?.hostAndPort ?? "the Hub")
            return LFSClient(
                url: URL(string: space.url.absoluteString + ".git/info/lfs") ?? space.url,
                client: access.client,
                authorization: space.authorization, meter: access.meter, party: party,
                reference: "refs/heads/\(space.branch)")
        }
    }

    package func missingObjects(among files: [LFSFile], of snapshot: SourceSnapshot) async throws(DeployError)
        -> [MissingLFSObject]
    {
        let pointerFiles = files.filter { $0.content == .object }
        guard !pointerFiles.isEmpty else { return [] }
        return try await find(pointerFiles, in: await source.lfsEndpoints(of: snapshot.commit))
    }
}

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
            return try spool.verify(pointer, "the copy in \(path) is damaged")
        }
        guard let (server, link) = links[pointer.oid] else {
            // An empty object is on no server.
            return try spool.verify(pointer, "its pointer has size 0 but a wrong hash")
        }
        try await LFSDownload(server: server, pointer: pointer, window: LFSDownload.maxWindow).download(
            link, into: spool)
    }

    private func copy(_ content: ObjectContent, into spool: SpoolFile) async throws(DeployError) {
        let isComplete = try await Self.executor.run { () throws(DeployError) in spool.copy(content) }
        guard isComplete else {
            throw spool.failure ?? DeployError(.source, "an LFS object cannot be read completely")
        }
    }

    private static let executor = GitExecutor("copy")

    package func upload(_ files: [LFSFile], of snapshot: SourceSnapshot, _ report: @escaping ReportTransfer)
        async throws(DeployError)
    {
        guard let hub else { throw DeployError(.internalError, "no Hub to send LFS objects to") }
        let files = files.filter { $0.pointer.size > 0 }.uniqueByObject
        let endpoints = await source.lfsEndpoints(of: snapshot.commit)
        let progress = LFSProgress(files.map(\.pointer), report)
        var existingCount = 0
        var queue = LFSTransferQueue(hub: hub, jobs: access.jobs, progress: progress, report: report)
        for batch in files.batches(of: hub.maxBatchSize) {
            let responses = try await hub.requestBatch(.upload, batch.map(\.pointer))
            let pending = batch.filter { file in
                if case .present? = responses[file.pointer.oid] { false } else { true }
            }
            batch.filter { !pending.contains($0) }.forEach { progress.add($0.pointer.size, file: 1) }
            existingCount += batch.count - pending.count
            try await findLinks(pending, endpoints)
            let transfers = pending.map { file in
                LFSTransfer(
                    file: file, response: responses[file.pointer.oid],
                    origin: origin(of: file, in: endpoints),
                    store: store, access: access, batchSize: pending.count)
            }
            if !transfers.isEmpty { progress.begin() }
            await queue.run(transfers)
            try queue.check()
        }
        if existingCount > 0 {
            report(.detail("\(existingCount == 1 ? "1 was" : "\(existingCount) were") already uploaded"))
        }
    }

    /// Requests links for the objects that are not on this machine.
    private func findLinks(_ files: [LFSFile], _ endpoints: LFSEndpoints) async throws(DeployError) {
        let notLocal = files.filter { file in
            file.content == .object && links[file.pointer.oid] == nil
                && endpoints.file(of: file.pointer) == nil
        }
        guard !notLocal.isEmpty else { return }
        let reasons = try await reasons(why: notLocal.map(\.pointer), in: endpoints)
        guard let file = notLocal.first(where: { reasons[$0.pointer.oid] != nil }) else { return }
        throw DeployError(
            .source, "LFS object of \(file.path.shown) not found: \(reasons[file.pointer.oid] ?? "")",
            hint: "run in a clone that has it: git lfs push --all origin")
    }

    private func origin(of file: LFSFile, in endpoints: LFSEndpoints) -> LFSTransfer.Origin {
        switch file.content {
        case .blob(let blob): .blob(blob)
        case .object:
            if let path = endpoints.file(of: file.pointer) {
                .file(path)
            } else {
                .server(links[file.pointer.oid]?.server, links[file.pointer.oid]?.link)
            }
        }
    }
}

extension Array {
    func batches(of count: Int) -> [[Element]] {
        stride(from: 0, to: self.count, by: count).map { Array(self[$0..<Swift.min($0 + count, self.count)]) }
    }
}

extension [LFSPointer] {
    /// The distinct objects, in order.
    var unique: [LFSPointer] {
        var seen: Set<String> = []
        return filter { seen.insert($0.oid).inserted }
    }
}

extension [LFSFile] {
    /// One file for each object.
    fileprivate var uniqueByObject: [LFSFile] {
        var seen: Set<String> = []
        return filter { seen.insert($0.pointer.oid).inserted }
    }
}

import Deploy
import Foundation

/// The way back: objects to this machine, for those who build or look.
extension LargeFileCarrier {
    package func fill(
        _ files: [LargeFile], of snapshot: Snapshot, in folder: String
    ) async throws(Failure) -> [LostFile] {
        var lost: [LostFile] = []
        for file in files {
            do throws(Failure) {
                let spool = try Spool(over: folder + "/" + file.path.description)
                guard let why = try await bring(file, of: snapshot, into: spool, spaceFirst: false) else {
                    continue
                }
                spool.clear()
                // As it was: what stands for it.
                _ = spool.take(Data(file.pointer.bytes))
                lost.append(LostFile(file, why: why))
            } catch {
                var failure = error
                failure.message = "\(file.path.shown): \(failure.message)"
                throw failure
            }
        }
        return lost
    }

    package func content(of file: LargeFile, of snapshot: Snapshot) async throws(Failure) -> [UInt8]? {
        let spool = try Spool(in: access.directory, for: file.pointer.size)
        guard try await bring(file, of: snapshot, into: spool, spaceFirst: true) == nil else { return nil }
        let content = spool.content
        var bytes = [UInt8](repeating: 0, count: content.size)
        let count = bytes.withUnsafeMutableBytes { content.read(at: 0, into: $0) }
        return count == bytes.count ? bytes : nil
    }

    /// - Returns: why it is not to be had; nil when it was written.
    private func bring(
        _ file: LargeFile, of snapshot: Snapshot, into spool: Spool, spaceFirst: Bool
    ) async throws(Failure) -> String? {
        let places = await source.largeFilePlaces(of: snapshot.commit)
        if let path = places.file(of: file.pointer) {
            try await copy(try ObjectContent(file: path), into: spool)
            return try Self.check(spool, file, "of \(path)")
        }
        var link = spaceFirst ? try await linkOfSpace(file.pointer) : nil
        var why: String?
        if link == nil {
            why = try await reasons(why: [file.pointer], in: places)[file.pointer.oid]
            if why == nil { link = links[file.pointer.oid] }
        }
        if link == nil { link = try await linkOfSpace(file.pointer) }
        guard let link else { return why ?? "nobody has it" }
        try await LFSDownload(server: link.server, pointer: file.pointer, window: 8 << 20).run(
            link.link, into: spool)
        return try Self.check(spool, file, "from \(link.server.party.host)")
    }

    private func copy(_ content: ObjectContent, into spool: Spool) async throws(Failure) {
        let isWhole = try await Self.executor.run { () throws(Failure) in spool.copy(content) }
        guard isWhole else {
            throw spool.failure ?? Failure(.source, "an LFS object cannot be read to its end")
        }
    }

    private static let executor = GitExecutor("copy")

    private static func check(_ spool: Spool, _ file: LargeFile, _ origin: String) throws(Failure)
        -> String?
    {
        let oid = spool.finish()
        guard oid == file.pointer.oid else {
            throw Failure(
                .source,
                "the LFS object \(origin) is damaged: the SHA-256 is \(oid.prefix(12))…, the pointer says \(file.pointer.oid.prefix(12))…",
                hint: "find and mend it: git lfs fsck")
        }
        return nil
    }

    private func linkOfSpace(_ pointer: LFSPointer) async throws(Failure) -> (
        server: LFSServer, link: LFSLink
    )? {
        guard let hub else { return nil }
        do throws(Failure) {
            guard case .todo(let link)? = try await hub.ask(.download, [pointer])[pointer.oid] else {
                return nil
            }
            return (hub, link)
        } catch {
            guard error.cause == .spaceMissing else { throw error }
            return nil
        }
    }
}

import Essentials
import Git
import HTTP
import SpacesModel
import TextTools

/// One object from where it is to the Hub's storage. A link that is over is asked for again.
struct LFSTransfer: Sendable {
    enum Origin: Sendable {
        case blob(ObjectID)
        /// In a `lfs/objects` of this machine; nobody has looked whether it is whole.
        case file(String)
        case server(LFSClient?, LFSAction?)
    }

    let file: LFSFile
    let response: LFSObjectResponse?
    let origin: Origin
    let store: ObjectStore
    let access: LFSTransferManager.Access
    /// How many go on beside it.
    let batchSize: Int

    private var pointer: LFSPointer { file.pointer }

    /// Held in memory while it is sent: one such at a time.
    var isHeavy: Bool {
        if case .blob = origin { pointer.size > 8 << 20 } else { false }
    }

    func run(to hub: LFSClient, _ progress: LFSProgress) async throws(DeployError) {
        guard isHeavy else { return try await send(to: hub, progress) }
        try await access.largeFileMutex.withLock { () async throws(DeployError) in
            try await send(to: hub, progress)
        }
    }

    private func send(to hub: LFSClient, _ progress: LFSProgress) async throws(DeployError) {
        let share = LFSObjectProgress(progress)
        let (content, sentinel) = try await content()
        let lanes = max(1, access.jobs / max(1, min(access.jobs, batchSize)))
        let upload = LFSUpload(
            server: hub, pointer: pointer, content: content, verifier: sentinel, progress: share,
            maxConcurrentParts: lanes)
        var answer = response
        for attempt in 1...Self.attempts {
            guard let link = try Self.link(answer, hub) else { break }
            do throws(DeployError) {
                try await upload.run(link)
                break
            } catch {
                guard error.cause == .linkExpired, attempt < Self.attempts else { throw error.asTooSlow }
                share.restart()
                answer = try await hub.requestBatch(.upload, [pointer])[pointer.oid]
            }
        }
        share.end()
    }

    private static let attempts = 3

    /// nil when the Hub has it by now.
    private static func link(_ response: LFSObjectResponse?, _ hub: LFSClient) throws(DeployError)
        -> LFSAction?
    {
        switch response {
        case .present: return nil
        case .action(let link): return link
        case .refused(let refusal):
            throw DeployError(
                .refused, "\(hub.party.host) does not take it: \(refusal.description)",
                hint: "see what the Hub says of it; storage that is full is freed in the Space's settings")
        case nil: throw DeployError(.tryLater, "\(hub.party.host) said nothing of it")
        }
    }

    private func content() async throws(DeployError) -> (ObjectContent, ContentVerifier?) {
        switch origin {
        case .blob(let blob):
            let content = try await store.content(ofLarge: blob)
            // What is not in memory is read again, and may have changed.
            return (content, content.isInMemory ? nil : ContentVerifier(pointer.oid))
        case .file(let path): return (try ObjectContent(file: path), ContentVerifier(pointer.oid))
        case .server(let server, let link):
            guard let server, let link else { throw DeployError(.internalError, "there is no link to it") }
            return (try await download(from: server, link), nil)
        }
    }

    private func download(from server: LFSClient, _ first: LFSAction) async throws(DeployError)
        -> ObjectContent
    {
        let spool = try SpoolFile(in: access.directory, for: pointer.size)
        let window = max(2 << 20, LFSDownload.maxWindow / max(1, min(access.jobs, batchSize)))
        try await LFSDownload(server: server, pointer: pointer, window: window).download(first, into: spool)
        return spool.content
    }
}

extension DeployError {
    /// Where the storage says that a link is over, and new ones were, too: the line is too slow for it.
    fileprivate var asTooSlow: DeployError {
        guard cause == .linkExpired, details.contains(where: { $0.lowercased().contains("expired") }) else {
            return self
        }
        var failure = self
        failure.kind = .tryLater
        failure.hint =
            "its links end before the file is through: fewer at a time may help: jobs = 1 in [spacesync]"
        return failure
    }
}

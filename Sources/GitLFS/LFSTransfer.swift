import Essentials
import Git
import HTTP
import SpacesModel
import TextTools

/// Transfers one object from its origin to the Hub's storage. Requests a new link if the link has
/// expired.
struct LFSTransfer: Sendable {
    enum Origin: Sendable {
        case blob(ObjectID)
        /// A file in a local `lfs/objects` directory whose content has not been verified.
        case file(String)
        case server(LFSClient?, LFSAction?)
    }

    let file: LFSFile
    let response: LFSObjectResponse?
    let origin: Origin
    let store: ObjectStore
    let access: LFSTransferManager.Access
    /// The number of transfers in the same batch.
    let batchSize: Int

    private var pointer: LFSPointer { file.pointer }

    /// Whether the object is held in memory while it is sent: only one such transfer runs at a
    /// time.
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
        let objectProgress = LFSObjectProgress(progress)
        let (content, verifier) = try await content()
        let maxConcurrentParts = max(1, access.jobs / max(1, min(access.jobs, batchSize)))
        let upload = LFSUpload(
            server: hub, pointer: pointer, content: content, verifier: verifier, progress: objectProgress,
            maxConcurrentParts: maxConcurrentParts)
        var currentResponse = response
        for attempt in 1...Self.attempts {
            guard let link = try Self.link(currentResponse, hub) else { break }
            do throws(DeployError) {
                try await upload.run(link)
                break
            } catch {
                guard error.cause == .linkExpired, attempt < Self.attempts else { throw error.asTooSlow }
                objectProgress.restart()
                currentResponse = try await hub.requestBatch(.upload, [pointer])[pointer.oid]
            }
        }
        objectProgress.end()
    }

    private static let attempts = 3

    /// Returns the action to upload; `nil` if the Hub has the object by now.
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
            // Content that is not in memory is read again and may have changed.
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
    /// The error with a hint for slow connections if the storage reports an expired link although
    /// the link was renewed.
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

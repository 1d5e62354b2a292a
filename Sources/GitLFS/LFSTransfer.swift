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
                guard error.cause == .linkExpired, attempt < Self.attempts else {
                    throw Self.explainingSpeed(error)
                }
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
                .refused, "\(hub.party.host) refused it: \(refusal.description)",
                hint: "see the Hub's message; if the storage is full, free space in the Space's settings")
        case nil: throw DeployError(.tryLater, "\(hub.party.host) returned no result for it")
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
            guard let server, let link else { throw DeployError(.internalError, "it has no download link") }
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

    /// Returns the error with a hint for slow connections if the storage reports an expired link
    /// although the link was renewed.
    private static func explainingSpeed(_ error: DeployError) -> DeployError {
        guard error.cause == .linkExpired,
            error.details.contains(where: { $0.lowercased().contains("expired") })
        else { return error }
        var failure = error
        failure.kind = .tryLater
        failure.hint =
            "its upload link expires too early; upload fewer files at a time: set jobs = 1 in [spacesync]"
        return failure
    }
}

/// Runs a limited number of transfers concurrently and collects their errors.
struct LFSTransferQueue: Sendable {
    let hub: LFSClient
    let jobs: Int
    let progress: LFSProgress
    let report: ReportTransfer
    private var failures: [(file: LFSFile, failure: DeployError)] = []
    /// The kinds of errors for which the remaining transfers would fail, too.
    private static let fatalKinds: Set<DeployError.Kind> = [
        .interrupted, .permissionDenied, .tryLater, .internalError,
    ]

    init(hub: LFSClient, jobs: Int, progress: LFSProgress, report: @escaping ReportTransfer) {
        (self.hub, self.jobs, self.progress, self.report) = (hub, jobs, progress, report)
    }

    mutating func run(_ transfers: [LFSTransfer]) async {
        let queue = TransferQueue(transfers)
        let (hub, progress, report) = (hub, progress, report)
        let failed = await withTaskGroup(of: [(LFSFile, DeployError)].self) { group in
            for worker in 0..<min(jobs, transfers.count) {
                group.addTask {
                    var failed: [(LFSFile, DeployError)] = []
                    while let transfer = await queue.next(heavy: worker == 0) {
                        let file = transfer.file
                        do throws(DeployError) {
                            try await transfer.run(to: hub, progress)
                            report(
                                .uploaded(path: file.path, size: file.pointer.size, sha256: file.pointer.oid))
                        } catch {
                            failed.append((file, error))
                            if Self.fatalKinds.contains(error.kind) { await queue.close() }
                        }
                    }
                    return failed
                }
            }
            var all: [(LFSFile, DeployError)] = []
            for await failed in group { all += failed }
            return all
        }
        failures += failed.map { (file: $0.0, failure: $0.1) }
    }

    /// - Throws: all errors combined into one of the most severe kind.
    func check() throws(DeployError) {
        guard let first = failures.first?.failure else { return }
        if let interrupted = failures.first(where: { $0.failure.kind == .interrupted }) {
            throw interrupted.failure
        }
        let order: [DeployError.Kind] = [.internalError, .permissionDenied, .source, .refused, .tryLater]
        let kind = order.first { kind in failures.contains { $0.failure.kind == kind } } ?? first.kind
        let shown = failures.sorted { $0.file.path < $1.file.path }.prefix(20).flatMap { file, failure in
            ["\(file.path.shown): \(failure.message)"] + failure.details.map { "    \($0)" }
        }
        let hiddenCount = failures.count - 20
        let count = counted(failures.count, "file")
        throw DeployError(
            kind, "\(count) could not be uploaded to \(hub.party.name) with LFS; nothing was committed",
            details: shown + (hiddenCount > 0 ? ["… and \(hiddenCount) more"] : []),
            hint: failures.first { $0.failure.kind == kind }?.failure.hint
                ?? "push again; uploaded files are not sent again")
    }
}

/// The queue of pending transfers. Transfers that are held in memory are run one at a time, by one
/// worker.
private actor TransferQueue {
    private var heavy: [LFSTransfer]
    private var light: [LFSTransfer]
    private var isClosed = false

    init(_ transfers: [LFSTransfer]) {
        heavy = transfers.filter(\.isHeavy).reversed()
        light = transfers.filter { !$0.isHeavy }.reversed()
    }

    func next(heavy allowsHeavy: Bool) -> LFSTransfer? {
        guard !isClosed, !Task.isCancelled else { return nil }
        return allowsHeavy ? heavy.popLast() ?? light.popLast() : light.popLast()
    }

    func close() { isClosed = true }
}

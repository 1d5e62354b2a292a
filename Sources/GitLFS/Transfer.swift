import Essentials
import Git
import HTTP
import SpacesModel
import TextTools

/// One object from where it is to the Hub's storage. A link that is over is asked for again.
struct Transfer: Sendable {
    enum Origin: Sendable {
        case blob(ObjectID)
        /// In a `lfs/objects` of this machine; nobody has looked whether it is whole.
        case file(String)
        case server(LFSServer?, LFSLink?)
    }

    let file: LargeFile
    let answer: LFSAnswer?
    let origin: Origin
    let store: ObjectStore
    let access: LargeFileCarrier.Access
    /// How many go on beside it.
    let among: Int

    private var pointer: LFSPointer { file.pointer }

    /// Held in memory while it is sent: one such at a time.
    var isHeavy: Bool {
        if case .blob = origin { pointer.size > 8 << 20 } else { false }
    }

    func run(to hub: LFSServer, _ gauge: TransferGauge) async throws(Failure) {
        guard isHeavy else { return try await send(to: hub, gauge) }
        try await access.heavy.take { () async throws(Failure) in try await send(to: hub, gauge) }
    }

    private func send(to hub: LFSServer, _ gauge: TransferGauge) async throws(Failure) {
        let share = TransferShare(gauge)
        let (content, sentinel) = try await content()
        let lanes = max(1, access.jobs / max(1, min(access.jobs, among)))
        let upload = LFSUpload(
            server: hub, pointer: pointer, content: content, sentinel: sentinel, share: share, lanes: lanes)
        var answer = answer
        for attempt in 1...Self.attempts {
            guard let link = try Self.link(answer, hub) else { break }
            do throws(Failure) {
                try await upload.run(link)
                break
            } catch {
                guard error.cause == .linkExpired, attempt < Self.attempts else { throw error.asTooSlow }
                share.restart()
                answer = try await hub.ask(.upload, [pointer])[pointer.oid]
            }
        }
        share.end()
    }

    private static let attempts = 3

    /// nil when the Hub has it by now.
    private static func link(_ answer: LFSAnswer?, _ hub: LFSServer) throws(Failure) -> LFSLink? {
        switch answer {
        case .there: return nil
        case .todo(let link): return link
        case .refused(let refusal):
            throw Failure(
                .refused, "\(hub.party.host) does not take it: \(refusal.words)",
                hint: "see what the Hub says of it; storage that is full is freed in the Space's settings")
        case nil: throw Failure(.tryLater, "\(hub.party.host) said nothing of it")
        }
    }

    private func content() async throws(Failure) -> (ObjectContent, Sentinel?) {
        switch origin {
        case .blob(let blob):
            let content = try await store.content(ofLarge: blob)
            // What is not in memory is read again, and may have changed.
            return (content, content.isInMemory ? nil : Sentinel(pointer.oid))
        case .file(let path): return (try ObjectContent(file: path), Sentinel(pointer.oid))
        case .server(let server, let link):
            guard let server, let link else { throw Failure(.internalFault, "there is no link to it") }
            return (try await download(from: server, link), nil)
        }
    }

    private func download(from server: LFSServer, _ first: LFSLink) async throws(Failure) -> ObjectContent {
        let spool = try Spool(in: access.directory, for: pointer.size)
        let window = max(2 << 20, LFSDownload.widest / max(1, min(access.jobs, among)))
        try await LFSDownload(server: server, pointer: pointer, window: window).bring(first, into: spool)
        return spool.content
    }
}

extension Failure {
    /// Where the storage says that a link is over, and new ones were, too: the line is too slow for it.
    fileprivate var asTooSlow: Failure {
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

import Deploy
import Foundation
import HTTP

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
                guard error.cause == .linkExpired, attempt < Self.attempts else { throw error }
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
        case .blob(let blob): return (try await store.content(ofLarge: blob), nil)
        case .file(let path): return (try ObjectContent(file: path), Sentinel(pointer.oid))
        case .server(let server, let link):
            guard let server, let link else { throw Failure(.internalFault, "there is no link to it") }
            return (try await download(from: server, link), nil)
        }
    }

    private func download(from server: LFSServer, _ first: LFSLink) async throws(Failure) -> ObjectContent {
        let spool = try Spool(in: access.directory, for: pointer.size)
        let window = max(4 << 20, (24 << 20) / max(1, min(access.jobs, among)))
        let download = LFSDownload(server: server, pointer: pointer, window: window)
        var link = first
        for attempt in 1...Self.attempts {
            do throws(Failure) {
                try await download.run(link, into: spool)
                break
            } catch {
                guard error.cause == .linkExpired, attempt < Self.attempts,
                    case .todo(let next)? = try await server.ask(.download, [pointer])[pointer.oid]
                else { throw error }
                link = next
            }
        }
        let oid = spool.finish()
        guard oid == pointer.oid else {
            throw Failure(
                .source,
                "it arrives damaged from \(server.party.host): the SHA-256 is \(oid.prefix(12))…, the pointer says \(pointer.oid.prefix(12))…",
                hint: "push again; if it stays so, the source's LFS server has a broken object")
        }
        return spool.content
    }
}

/// Runs transfers, so many at a time, and gathers what went wrong.
struct TransferRun: Sendable {
    let hub: LFSServer
    let jobs: Int
    let gauge: TransferGauge
    let say: Say
    private var failures: [(file: LargeFile, failure: Failure)] = []

    init(hub: LFSServer, jobs: Int, gauge: TransferGauge, say: @escaping Say) {
        (self.hub, self.jobs, self.gauge, self.say) = (hub, jobs, gauge, say)
    }

    mutating func run(_ transfers: [Transfer]) async {
        let queue = TransferQueue(transfers)
        let (hub, gauge, say) = (hub, gauge, say)
        let failed = await withTaskGroup(of: [(LargeFile, Failure)].self) { group in
            for worker in 0..<min(jobs, transfers.count) {
                group.addTask {
                    var failed: [(LargeFile, Failure)] = []
                    while let transfer = await queue.next(heavy: worker == 0) {
                        let file = transfer.file
                        do throws(Failure) {
                            try await transfer.run(to: hub, gauge)
                            say(.uploaded(path: file.path, size: file.pointer.size, sha256: file.pointer.oid))
                        } catch {
                            failed.append((file, error))
                            if error.endsAll { await queue.close() }
                        }
                    }
                    return failed
                }
            }
            var all: [(LargeFile, Failure)] = []
            for await failed in group { all += failed }
            return all
        }
        failures += failed.map { (file: $0.0, failure: $0.1) }
    }

    /// - Throws: all that went wrong as one, of the gravest kind.
    func check() throws(Failure) {
        guard let first = failures.first?.failure else { return }
        if let stopped = failures.first(where: { $0.failure.kind == .interrupted }) { throw stopped.failure }
        let order: [Failure.Kind] = [.internalFault, .notAllowed, .source, .refused, .tryLater]
        let kind = order.first { kind in failures.contains { $0.failure.kind == kind } } ?? first.kind
        let shown = failures.sorted { $0.file.path < $1.file.path }.prefix(20).flatMap { file, failure in
            ["\(file.path.shown): \(failure.message)"] + failure.details.map { "    \($0)" }
        }
        let rest = failures.count - 20
        let count = failures.count == 1 ? "1 file" : "\(failures.count) files"
        throw Failure(
            kind, "\(count) could not be uploaded to \(hub.party.name) by LFS; nothing was committed",
            details: shown + (rest > 0 ? ["… and \(rest) more"] : []),
            hint: failures.first { $0.failure.kind == kind }?.failure.hint
                ?? "push again: what arrived is not sent twice")
    }
}

extension Failure {
    /// The others would fail alike.
    fileprivate var endsAll: Bool { [.interrupted, .notAllowed, .tryLater, .internalFault].contains(kind) }
}

/// What is still to be sent. What has to be held in memory goes one by one, by one worker.
private actor TransferQueue {
    private var heavy: [Transfer]
    private var light: [Transfer]
    private var isClosed = false

    init(_ transfers: [Transfer]) {
        heavy = transfers.filter(\.isHeavy).reversed()
        light = transfers.filter { !$0.isHeavy }.reversed()
    }

    func next(heavy takesHeavy: Bool) -> Transfer? {
        guard !isClosed, !Task.isCancelled else { return nil }
        return takesHeavy ? heavy.popLast() ?? light.popLast() : light.popLast()
    }

    func close() { isClosed = true }
}

import Essentials
import HTTP
import SpacesModel

/// An actor that fetches a repository over smart HTTP into a store: a Space or a source.
protocol SmartHTTPReader: Actor {
    var store: ObjectStore { get }
    var remote: SmartHTTPRemote { get set }
    var strategyCache: FetchStrategyCache? { get }
}

extension SmartHTTPReader {
    func fetch(
        _ spec: SmartHTTPRemote.FetchSpec, until isComplete: @Sendable () async throws(DeployError) -> Bool
    ) async throws(DeployError) {
        var updatedRemote = remote
        try await updatedRemote.fetch(spec, into: store, strategyCache: strategyCache, until: isComplete)
        remote.url = updatedRemote.url
    }

    /// Fetches a commit and all its trees into the store, except for trees that the last fetched
    /// commit already has.
    func fetchMissingTrees(of commit: ObjectID) async throws(DeployError) {
        let store = store
        guard try await !store.containsTrees(of: commit) else { return }
        let known = await store.lastTip()
        let spec = SmartHTTPRemote.FetchSpec(
            objects: [], commit: commit, filter: .blobs, label: "trees", known: known)
        try await fetch(spec) { () throws(DeployError) in try await store.containsTrees(of: commit) }
        await store.rememberTip(commit)
    }
}

extension SmartHTTPRemote {
    /// The specification of a fetch: single objects, or the content of a commit.
    struct FetchSpec: Sendable {
        /// Requested directly with the lean strategy. If the server does not serve single objects,
        /// `commit` is fetched instead.
        var objects: [ObjectID]
        var commit: ObjectID
        /// More commits to fetch in the same request.
        var others: [ObjectID] = []
        /// Only fetch if the server supports filters: without a filter the response would contain
        /// all trees and files.
        var needsFilter = false
        /// The objects to leave out; `nil` for none.
        var filter: FetchRequest.Filter?
        /// The number of commits to fetch, starting with `commit`.
        var depth = 1
        /// The key of this kind of fetch in the strategy cache.
        var label: String
        /// A commit that the store has completely; its objects need not be sent.
        var known: ObjectID?
        /// Commits that the store has with their full history.
        var haves: [ObjectID] = []

        /// The most efficient applicable strategy. Without a filter and single objects, it is
        /// `unfiltered`.
        var leanest: FetchStrategy { objects.isEmpty && filter == nil ? .unfiltered : .lean }
        var strategies: [FetchStrategy] { needsFilter ? [.lean] : FetchStrategy.allCases }
    }

    /// Tries one strategy after the other, starting with the one that worked last, until
    /// `isComplete` returns true.
    mutating func fetch(
        _ spec: FetchSpec, into store: ObjectStore, strategyCache: FetchStrategyCache?,
        until isComplete: @Sendable () async throws(DeployError) -> Bool
    ) async throws(DeployError) {
        let start = strategyCache?.strategy(for: party.host, spec.label) ?? .lean
        var lastError = ProtocolError.noPack
        for strategy in spec.strategies where strategy >= max(start, spec.leanest) {
            do throws(FetchError) {
                try await fetchWithRetry(try await request(for: spec, strategy), into: store)
            } catch {
                switch error {
                case .final(let failure), .connectionLost(let failure): throw failure
                case .disk(let diskError): throw await store.failure(diskError)
                // Every other strategy would fetch the same object.
                case .protocolError(let protocolError) where protocolError.isLimitExceeded:
                    throw party.failure(protocolError, at: url)
                case .protocolError(let protocolError): lastError = protocolError
                }
                continue
            }
            if try await isComplete() {
                strategyCache?.remember(strategy, for: party.host, spec.label)
                return
            }
            lastError = .incomplete
        }
        throw party.failure(lastError, at: url)
    }

    /// Fetches, and retries once if the connection broke, as reading is idempotent, or if the
    /// cache's disk is full.
    private func fetchWithRetry(_ request: FetchRequest, into store: ObjectStore) async throws(FetchError) {
        do throws(FetchError) { return try await fetch(request, into: store) } catch {
            switch error {
            case .connectionLost: break
            case .disk(let diskError):
                guard try await Self.useOverflow(diskError, in: store) else { throw error }
            case .final, .protocolError: throw error
            }
        }
        try await fetch(request, into: store)
    }

    private static func useOverflow(_ diskError: DiskError, in store: ObjectStore) async throws(FetchError)
        -> Bool
    {
        do throws(DeployError) { return try await store.useOverflow(diskError) } catch { throw .final(error) }
    }

    private mutating func request(for spec: FetchSpec, _ strategy: FetchStrategy) async throws(FetchError)
        -> FetchRequest
    {
        var request = FetchRequest(
            wants: [spec.commit] + spec.others, depth: spec.depth, filter: spec.filter, agent: agent,
            known: spec.known, haves: spec.haves)
        switch strategy {
        case .lean:
            if !spec.objects.isEmpty {
                (request.wants, request.depth, request.known) = (spec.objects, nil, nil)
            }
        case .unfiltered: request.filter = nil
        case .advertised:
            let offered = try await capabilities()
            if !offered.has("shallow") { request.depth = nil }
            if !offered.has("filter") { request.filter = nil }
        case .complete:
            (request.depth, request.filter, request.known) = (nil, nil, nil)
            request.haves = []
        }
        return request
    }

    private mutating func capabilities() async throws(FetchError) -> Capabilities {
        do throws(DeployError) { return try await advertisement(of: .uploadPack).capabilities } catch {
            throw .final(error)
        }
    }
}

/// The strategies to fetch objects, from the most efficient to the one that every server supports.
enum FetchStrategy: Int, CaseIterable, Comparable, Sendable {
    /// A single request, shallow and without blobs.
    case lean
    /// A single shallow request with blobs, for servers without filter support.
    case unfiltered
    /// In Git's own order: reads the ref advertisement first, then uses the capabilities it offers.
    case advertised
    /// Fetches the full history.
    case complete

    static func < (left: FetchStrategy, right: FetchStrategy) -> Bool { left.rawValue < right.rawValue }
}

/// A cache of the fetch strategy that each host needs, in one file per host.
struct FetchStrategyCache: Sendable {
    let directory: String
    /// After this time in seconds the lean strategy is tried again, since servers get upgraded.
    private static let lifetime: TimeInterval = 24 * 3600

    func strategy(for host: String, _ what: String) -> FetchStrategy {
        let path = file(host, what)
        guard let date = try? FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date,
            Date().timeIntervalSince(date) < Self.lifetime,
            let bytes = PlainFile.read(path, limit: 16)
        else { return .lean }
        return Int(String(decoding: bytes, as: UTF8.self)).flatMap(FetchStrategy.init) ?? .lean
    }

    func remember(_ strategy: FetchStrategy, for host: String, _ what: String) {
        guard strategy != self.strategy(for: host, what) else { return }
        PlainFile.replace(file(host, what), with: Array("\(strategy.rawValue)".utf8))
    }

    private func file(_ host: String, _ what: String) -> String {
        let name = host.map { $0.isLetter || $0.isNumber || $0 == "." ? $0 : "-" }
        return directory + "/wire-\(String(name))-\(what)"
    }
}

/// A `git-upload-pack` request in protocol version 0, sent in a single round trip.
struct FetchRequest: Hashable, Sendable {
    var wants: [ObjectID]
    /// The number of commits to fetch from each wanted commit; `nil` for the full history.
    var depth: Int?
    var filter: Filter?
    var agent: String
    /// A commit that the store has without its parents. Objects in its tree are not sent again.
    var known: ObjectID?
    /// Commits that the store has with their full history. Objects reachable from them are not sent
    /// again.
    var haves: [ObjectID] = []
    /// The depth for the full history (`INFINITE_DEPTH` in git's `shallow.h`).
    static let infiniteDepth = 0x7fff_ffff

    /// The objects that are left out (<https://git-scm.com/docs/git-rev-list#_commit_filtering>).
    enum Filter: String, Hashable, Sendable {
        case blobs = "blob:none"
        case trees = "tree:0"
    }

    /// The request body: `want <id> <capabilities>`, the other wants, `deepen 1`, `filter
    /// blob:none`, flush, `done`.
    var body: Data {
        var capabilities = ["side-band-64k", "ofs-delta", "no-progress"]
        if depth != nil { capabilities.append("shallow") }
        if filter != nil { capabilities.append("filter") }
        // Without `thin-pack`, Git's server ignores the tree of the known commit
        // (`--objects-edge-aggressive`).
        if known != nil, depth != nil { capabilities.append("thin-pack") }
        capabilities.append("agent=\(agent)")
        var packets = wants.enumerated().map { index, id in
            PktLine.line("want \(id)" + (index == 0 ? " " + capabilities.joined(separator: " ") : "") + "\n")
        }
        if let known, depth != nil { packets.append(.line("shallow \(known)\n")) }
        if let depth { packets.append(.line("deepen \(depth)\n")) }
        if let filter { packets.append(.line("filter \(filter.rawValue)\n")) }
        packets.append(.flush)
        if let known, depth != nil { packets.append(.line("have \(known)\n")) }
        packets += haves.map { .line("have \($0)\n") }
        packets.append(.line("done\n"))
        return Data(packets.flatMap(\.bytes))
    }
}

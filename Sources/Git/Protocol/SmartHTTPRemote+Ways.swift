import HTTP
import SpacesModel

extension SmartHTTPRemote {
    /// What is to be fetched: objects, or what a commit holds.
    struct FetchSpec: Sendable {
        /// Asked for by themselves the lean way; when a server does not give single objects, `commit` brings them.
        var objects: [ObjectID]
        var commit: ObjectID
        /// Further commits, in the same request.
        var others: [ObjectID] = []
        /// A server that cannot filter is not asked: its answer would have all trees and files.
        var needsFilter = false
        /// What is left out of it.
        var filter: FetchRequest.Filter?
        /// How many commits, with `commit` as the first.
        var depth = 1
        /// For the memory of what worked.
        var label: String
        /// A commit that is at hand with all that it holds: what it has too need not be sent.
        var known: ObjectID?
        /// Commits that are at hand with all of their history.
        var haves: [ObjectID] = []

        /// Where nothing is left out, the lean way is the unfiltered one.
        var leanest: FetchStrategy { objects.isEmpty && filter == nil ? .unfiltered : .lean }
        var strategies: [FetchStrategy] { needsFilter ? [.lean] : FetchStrategy.allCases }
    }

    /// Asks in one manner after the other, from the one that worked last, until the store holds what was wished for.
    mutating func fetch(
        _ spec: FetchSpec, into store: ObjectStore, strategyCache: FetchStrategyCache?,
        until isComplete: @Sendable () async throws(DeployError) -> Bool
    ) async throws(DeployError) {
        let start = strategyCache?.strategy(for: party.host, spec.label) ?? .lean
        var last = ProtocolError.noPack
        for manner in spec.strategies where manner >= max(start, spec.leanest) {
            do throws(FetchError) {
                try await fetchWithRetry(try await request(for: spec, manner), into: store)
            } catch {
                switch error {
                case .final(let failure), .connectionLost(let failure): throw failure
                case .disk(let fault): throw await store.failure(fault)
                // Every other way would bring the same object.
                case .protocolError(let fault) where fault.isLimitExceeded:
                    throw party.failure(fault, at: url)
                case .protocolError(let fault): last = fault
                }
                continue
            }
            if try await isComplete() {
                strategyCache?.remember(manner, for: party.host, spec.label)
                return
            }
            last = .incomplete
        }
        throw party.failure(last, at: url)
    }

    /// Once more when the connection broke, as reading changes nothing, or when the cache is full.
    private func fetchWithRetry(_ request: FetchRequest, into store: ObjectStore) async throws(FetchError) {
        do throws(FetchError) { return try await fetch(request, into: store) } catch {
            switch error {
            case .connectionLost: break
            case .disk(let fault): guard try await Self.useOverflow(fault, in: store) else { throw error }
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

import HTTP
import SpacesModel

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

import HTTP
import SpacesModel

extension SmartRemote {
    /// What is to be fetched: objects, or what a commit holds.
    struct Wish: Sendable {
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
        var leanest: FetchManner { objects.isEmpty && filter == nil ? .unfiltered : .lean }
        var manners: [FetchManner] { needsFilter ? [.lean] : FetchManner.allCases }
    }

    /// Asks in one manner after the other, from the one that worked last, until the store holds what was wished for.
    mutating func fetch(
        _ wish: Wish, into store: ObjectStore, memory: HostMemory?,
        until isThere: @Sendable () async throws(Failure) -> Bool
    ) async throws(Failure) {
        let start = memory?.manner(for: party.host, wish.label) ?? .lean
        var last = WireFault.noPack
        for manner in wish.manners where manner >= max(start, wish.leanest) {
            do throws(FetchFault) {
                try await fetchTwice(try await request(for: wish, manner), into: store)
            } catch {
                switch error {
                case .final(let failure), .broken(let failure): throw failure
                case .disk(let fault): throw await store.failure(fault)
                // Every other way would bring the same object.
                case .wire(let fault) where fault.isExcess: throw party.failure(fault, at: url)
                case .wire(let fault): last = fault
                }
                continue
            }
            if try await isThere() {
                memory?.remember(manner, for: party.host, wish.label)
                return
            }
            last = .incomplete
        }
        throw party.failure(last, at: url)
    }

    /// Once more when the connection broke, as reading changes nothing, or when the cache is full.
    private func fetchTwice(_ request: FetchRequest, into store: ObjectStore) async throws(FetchFault) {
        do throws(FetchFault) { return try await fetch(request, into: store) } catch {
            switch error {
            case .broken: break
            case .disk(let fault): guard try await Self.avoid(fault, in: store) else { throw error }
            case .final, .wire: throw error
            }
        }
        try await fetch(request, into: store)
    }

    private static func avoid(_ fault: DiskFault, in store: ObjectStore) async throws(FetchFault) -> Bool {
        do throws(Failure) { return try await store.avoid(fault) } catch { throw .final(error) }
    }

    private mutating func request(for wish: Wish, _ manner: FetchManner) async throws(FetchFault)
        -> FetchRequest
    {
        var request = FetchRequest(
            wants: [wish.commit] + wish.others, depth: wish.depth, filter: wish.filter, agent: agent,
            known: wish.known, haves: wish.haves)
        switch manner {
        case .lean:
            if !wish.objects.isEmpty {
                (request.wants, request.depth, request.known) = (wish.objects, nil, nil)
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

    private mutating func capabilities() async throws(FetchFault) -> Capabilities {
        do throws(Failure) { return try await advertisement(of: .uploadPack).capabilities } catch {
            throw .final(error)
        }
    }
}

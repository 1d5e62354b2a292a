import HTTP
import HubAPI
import SpacesModel
import Synchronization
import TextTools

/// A cache of the Hub's lists of the Spaces of a run. If the run has many Spaces of one owner, one
/// list request replaces a request for the state of each Space.
///
/// A list may lack Spaces (renamed ones, or those visible only to another token) and contain less
/// than a Space's own record: these Spaces are requested by name, as in a run over few Spaces.
final class SpaceListCache: Sendable {
    /// The number of Spaces of one owner from which a list is requested; it may contain a thousand
    /// other Spaces.
    static let minSpaces = 8
    /// The maximum age of a list. A run over many Spaces that pushes some of them takes longer.
    static let maxAge = Duration.seconds(20)

    /// The entry of one Space in a list.
    private enum Entry {
        case info(SpaceInfo)
        /// The list does not contain the Space, whose own record must be requested.
        case unlisted
        /// The Hub did not respond. Requests for single Spaces instead would only add to its load.
        case unreachable
    }

    private struct Key: Hashable {
        var owner: String
        var token: Secret
    }

    private struct List {
        enum Kind { case complete, refused, unreachable }
        var kind: Kind
        var spaces: [String: SpaceInfo] = [:]
        var received = ContinuousClock.now

        /// Whether the list can still be used. A refusal does not expire: such a Hub does not list
        /// Spaces later either.
        var isFresh: Bool { kind == .refused || received.duration(to: .now) < SpaceListCache.maxAge }
    }

    private struct State {
        /// The Spaces of each owner whose state has not been requested yet.
        var unfetched: [String: Set<SpaceID>]
        var lists: [Key: List] = [:]
        var mutexes: [Key: AsyncMutex] = [:]
    }

    private let state: Mutex<State>

    /// - Parameter spaces: the Spaces of the run.
    init(of spaces: [SpaceID]) {
        state = Mutex(State(unfetched: Dictionary(grouping: spaces, by: \.owner).mapValues { Set($0) }))
    }

    /// Returns the state of a Space, from a list if possible; `nil` if the Hub does not respond.
    /// - Parameters:
    ///   - hub: a client with the token that the Space is deployed with.
    ///   - needsCommit: whether the running commit is required. A list may lack it.
    ///   - fetchInfo: requests the Space's own record.
    func info(
        of space: SpaceID, _ hub: HubClient, needsCommit: Bool, orBy fetchInfo: () async -> SpaceInfo?
    ) async -> SpaceInfo? {
        switch await entry(of: space, hub) {
        case .info(let info) where info.isSufficient(needsCommit: needsCommit): return info
        case .unreachable: return nil
        case .info, .unlisted: return await fetchInfo()
        }
    }

    private func entry(of space: SpaceID, _ hub: HubClient) async -> Entry {
        guard let token = hub.token else { return .unlisted }
        let key = Key(owner: space.owner, token: token)
        let mutex = state.withLock { state in
            let mutex = state.mutexes[key] ?? AsyncMutex()
            state.mutexes[key] = mutex
            return mutex
        }
        let fetched = try? await mutex.withLock { () async throws(DeployError) -> List? in
            await list(for: key, hub)
        }
        state.withLock { _ = $0.unfetched[space.owner]?.remove(space) }
        guard let list = fetched ?? nil else { return .unlisted }
        if list.kind == .unreachable { return .unreachable }
        return list.spaces[space.description].map { Entry.info($0) } ?? .unlisted
    }

    /// Returns the cached list, or requests it; `nil` if there are too few Spaces for a list.
    private func list(for key: Key, _ hub: HubClient) async -> List? {
        let (cached, unfetched) = state.withLock { ($0.lists[key], $0.unfetched[key.owner] ?? []) }
        if let cached, cached.isFresh { return cached }
        guard unfetched.count >= Self.minSpaces else { return nil }
        let list = await fetchList(for: key.owner, unfetched, hub)
        // A cancelled request says nothing about the other Spaces.
        if !Task.isCancelled { state.withLock { $0.lists[key] = list } }
        return list
    }

    /// Requests pages until they contain all requested Spaces, but at most half as many pages as
    /// there are Spaces, whose own records would take one request each.
    private func fetchList(for owner: String, _ requestedSpaces: Set<SpaceID>, _ hub: HubClient) async -> List
    {
        do throws(DeployError) {
            var missing = Set(requestedSpaces.map(\.description))
            let records = try await hub.spaces(of: owner, pages: requestedSpaces.count / 2) { page in
                missing.subtract(page.map(\.id))
                return missing.isEmpty
            }
            let spaces = records.map { ($0.id, $0.info) }
            return List(kind: .complete, spaces: Dictionary(spaces) { first, _ in first })
        } catch {
            return List(kind: [.tryLater, .interrupted].contains(error.kind) ? .unreachable : .refused)
        }
    }
}

extension SpaceInfo {
    /// Whether a list entry contains all that a deploy needs. The Hub never reports the commit of a
    /// static Space.
    fileprivate func isSufficient(needsCommit: Bool) -> Bool {
        guard sha != nil, let runtime else { return false }
        return !needsCommit || runtime.sha != nil || runtime.stage != .running || sdk == "static"
    }
}

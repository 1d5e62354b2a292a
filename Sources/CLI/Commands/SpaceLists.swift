import HTTP
import HubAPI
import SpacesModel
import Synchronization
import TextTools

/// What the Hub lists of the Spaces that a run is about. Where these are many of one owner, one request tells what each of
/// them is and runs, instead of a request for each.
///
/// A list may lack Spaces (they have a new name, or another token sees them) and say less than a Space's own record: those
/// are asked by name, as in a run over few.
final class SpaceListCache: Sendable {
    /// So many Spaces of an owner are worth a list, which may name a thousand others.
    static let minSpaces = 8
    /// How old a list may be. A run over many Spaces, some of which are pushed, takes longer.
    static let maxAge = Duration.seconds(20)

    /// What a list says of one Space.
    private enum Entry {
        case info(SpaceInfo)
        /// Nothing: the Space itself is to be asked.
        case unlisted
        /// The Hub did not answer. Whoever asks it for one Space instead only adds to its load.
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

        /// A Hub that does not list Spaces will not do it later, either.
        var isFresh: Bool { kind == .refused || received.duration(to: .now) < SpaceListCache.maxAge }
    }

    private struct State {
        /// The Spaces of each owner that were not asked for yet.
        var unfetched: [String: Set<SpaceID>]
        var lists: [Key: List] = [:]
        var mutexes: [Key: AsyncMutex] = [:]
    }

    private let state: Mutex<State>

    /// - Parameter spaces: those that the run is about.
    init(of spaces: [SpaceID]) {
        state = Mutex(State(unfetched: Dictionary(grouping: spaces, by: \.owner).mapValues { Set($0) }))
    }

    /// What the Space is and runs.
    /// - Parameters:
    ///   - hub: as the account that the Space is deployed with.
    ///   - needsCommit: whether the running commit has to be known. A list may leave it out.
    ///   - ask: asks for the Space's own record.
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
        let turns = state.withLock { state in
            let turns = state.mutexes[key] ?? AsyncMutex()
            state.mutexes[key] = turns
            return turns
        }
        let asked = try? await turns.withLock { () async throws(DeployError) -> List? in
            await list(for: key, hub)
        }
        state.withLock { _ = $0.unfetched[space.owner]?.remove(space) }
        guard let list = asked ?? nil else { return .unlisted }
        if list.kind == .unreachable { return .unreachable }
        return list.spaces[space.description].map { Entry.info($0) } ?? .unlisted
    }

    /// The list that is at hand or is asked for now; nil where it does not pay.
    private func list(for key: Key, _ hub: HubClient) async -> List? {
        let (known, open) = state.withLock { ($0.lists[key], $0.unfetched[key.owner] ?? []) }
        if let known, known.isFresh { return known }
        guard open.count >= Self.minSpaces else { return nil }
        let list = await fetchList(for: key.owner, open, hub)
        // Where the run of one Space ended early, nothing is known of the others.
        if !Task.isCancelled { state.withLock { $0.lists[key] = list } }
        return list
    }

    /// Asks for pages until all wanted Spaces are on them, but at most for as many as cost half of what the Spaces' own
    /// records would.
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
    /// Whether a list says as much of the Space as a deploy needs. Of a static Space no commit is ever told.
    fileprivate func isSufficient(needsCommit: Bool) -> Bool {
        guard sha != nil, let runtime else { return false }
        return !needsCommit || runtime.sha != nil || runtime.stage != .running || sdk == "static"
    }
}

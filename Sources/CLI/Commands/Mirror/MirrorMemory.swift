import Deploy
import DeploySettings
import Essentials
import Git
import SpacesModel
import Synchronization

/// What passes remember of each other: a small file of the cache, whatever settings they run with. It is read and written
/// under the lock of a pass. Losing it costs a comparison of secrets and a notice.
final class MirrorMemory: Sendable {
    /// Of one target.
    struct Standing: Codable, Hashable, Sendable {
        /// The last pass's outcome.
        var outcome: String?
        /// Seconds since 1970.
        var lastSuccess: Double?
        /// Of the settings that were compared with the Space last, and when.
        var settings: String?
        var reconciled: Double?
        var deployed: String?
        /// Since when it is left to a later pass, which begins with it.
        var waits: Double?
    }

    private struct State: Codable {
        var standings: [String: Standing] = [:]
        /// When commits were made, by owner; of the last hour.
        var commits: [String: [Double]] = [:]
    }

    private let path: String
    private let state: Mutex<State>
    /// 128 commits in an hour have been seen to be the Hub's limit (hub-api.md 8.3).
    private static let commitsAnHour = 120

    /// - Parameter hub: the Hub as part of a file name.
    init(in directory: String, at hub: String) {
        path = directory + "/mirror-\(hub).json"
        let kept = PlainFile.read(path, limit: 16 << 20).flatMap {
            try? JSONDecoder().decode(State.self, from: Data($0))
        }
        state = Mutex(kept ?? State())
    }

    var standings: [String: Standing] { state.withLock { $0.standings } }

    /// Whether variables, secrets and hardware are compared even where nothing is pushed.
    func isDue(_ target: Target, every time: Duration) -> Bool {
        let known = state.withLock { $0.standings[target.space.description] }
        guard let known, known.settings == target.settingsHash, let last = known.reconciled else {
            return true
        }
        return Date().timeIntervalSince1970 - last >= time / .seconds(1)
    }

    /// How those failed that the pass before did not leave well.
    func ills(among targets: [Target]) -> [SpaceID: String] {
        let known = targets.map { ($0.space, standings[$0.space.description]?.outcome ?? Report.good) }
        return Dictionary(known.filter { $0.1 != Report.good }) { first, _ in first }
    }

    /// The pass before left it as it should be.
    func wasGood(_ space: SpaceID) -> Bool {
        state.withLock { $0.standings[space.description]?.outcome } == Report.good
    }

    /// Those that passes before left over are the first, whoever waits longest before all; else in their order.
    func inTurn(_ targets: [Target]) -> [Target] {
        let standings = standings
        return targets.enumerated().sorted {
            let since = [$0, $1].map { standings[$0.element.space.description]?.waits ?? .infinity }
            return (since[0], $0.offset) < (since[1], $1.offset)
        }.map(\.element)
    }

    /// Counted before it is made, and kept at once: who is killed has made it.
    /// - Throws: kind `tryLater`, cause `deferred`, where another commit would be one too many.
    func countCommit(to space: SpaceID) throws(Failure) {
        try checkCommit(to: space, isMade: true)
        keep()
    }

    /// - Throws: the same.
    func checkCommit(to space: SpaceID, isMade: Bool = false) throws(Failure) {
        let now = Date().timeIntervalSince1970
        let count = state.withLock { state in
            let times = state.commits[space.owner, default: []].filter { $0 > now - 3600 && $0 <= now }
            let isRoom = isMade && times.count < Self.commitsAnHour
            state.commits[space.owner] = isRoom ? times + [now] : times
            return times.count
        }
        guard count >= Self.commitsAnHour else { return }
        throw Failure(
            deferring: space,
            because: "\(count) commits of \(space.owner) within the hour, and the Hub takes few more")
    }

    func note(_ report: Report, _ target: Target, comparedState: Bool) {
        let now = Date().timeIntervalSince1970
        state.withLock { state in
            var known = state.standings[target.space.description] ?? Standing()
            if report.failure == nil { known.lastSuccess = now }
            if report.failure == nil, !report.isHeldBack {
                known.deployed = report.sourceCommit?.description
                if comparedState || report.outcome != .unchanged {
                    (known.settings, known.reconciled) = (target.settingsHash, now)
                }
            }
            state.standings[target.space.description] = known
        }
    }

    /// The reports of targets whose outcome is another than in the pass before, that want to be told of.
    func turns(_ reports: [Report], _ targets: [Target]) -> [(report: Report, url: Target.Located)] {
        let time = Date().timeIntervalSince1970
        return state.withLock { state in
            reports.compactMap { report in
                let (name, now) = (report.space.description, report.standing)
                let since = state.standings[name]?.waits ?? time
                state.standings[name, default: Standing()].waits = report.isDeferred ? since : nil
                guard report.isNew else { return nil }
                let before = state.standings[name]?.outcome
                state.standings[name, default: Standing()].outcome = now
                guard let url = targets.first(where: { $0.space == report.space })?.notify else { return nil }
                // A target that was always well is no news.
                return before == now || before == nil && report.failure == nil ? nil : (report, url)
            }
        }
    }

    /// Whole, or as it was.
    func keep() {
        guard let data = state.withLock({ try? JSONEncoder().encode($0) }) else { return }
        try? FileManager.default.createDirectory(
            atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        PlainFile.replace(path, with: Array(data))
    }
}

extension Report {
    /// Outcomes that are the same news.
    fileprivate static let good = "good"
    /// What waits, rests after it was rolled back, or was not seen to its end is as it was before.
    fileprivate var isNew: Bool { !isDeferred && !isHeldBack && outcome != .interrupted }
    /// Nothing was done and nothing is wrong: no news of a pass.
    var isAsBefore: Bool { outcome == .unchanged || outcome == .heldBack }
    var standing: String { failure == nil ? Self.good : "\(outcome.rawValue) \(exitCode)" }
}

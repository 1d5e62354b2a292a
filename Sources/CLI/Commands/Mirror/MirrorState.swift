import Deploy
import DeploySettings
import Essentials
import Git
import SpacesModel
import Synchronization

/// What passes remember of each other: a small file of the cache, whatever settings they run with. It is read and written
/// under the lock of a pass. Losing it costs a comparison of secrets and a notice.
final class MirrorState: Sendable {
    /// Of one target.
    struct TargetState: Codable, Hashable, Sendable {
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
        var standings: [String: TargetState] = [:]
        /// When commits were made, by owner; of the last hour.
        var commits: [String: [Double]] = [:]
    }

    private let path: String
    private let state: Mutex<State>
    /// 128 commits in an hour have been seen to be the Hub's limit (hub-api.md 8.3).
    private static let maxCommitsPerHour = 120

    /// - Parameter hub: the Hub as part of a file name.
    init(in directory: String, at hub: String) {
        path = directory + "/mirror-\(hub).json"
        let kept = PlainFile.read(path, limit: 16 << 20).flatMap {
            try? JSONDecoder().decode(State.self, from: Data($0))
        }
        state = Mutex(kept ?? State())
    }

    var targetStates: [String: TargetState] { state.withLock { $0.standings } }

    /// Whether variables, secrets and hardware are compared even where nothing is pushed.
    func isDue(_ target: Target, every time: Duration) -> Bool {
        let known = state.withLock { $0.standings[target.space.description] }
        guard let known, known.settings == target.settingsHash, let last = known.reconciled else {
            return true
        }
        return Date().timeIntervalSince1970 - last >= time / .seconds(1)
    }

    /// How those failed that the pass before did not leave well.
    func previousFailures(among targets: [Target]) -> [SpaceID: String] {
        let known = targets.map {
            ($0.space, targetStates[$0.space.description]?.outcome ?? DeployResult.good)
        }
        return Dictionary(known.filter { $0.1 != DeployResult.good }) { first, _ in first }
    }

    /// The pass before left it as it should be.
    func wasSuccessful(_ space: SpaceID) -> Bool {
        state.withLock { $0.standings[space.description]?.outcome } == DeployResult.good
    }

    /// Those that passes before left over are the first, whoever waits longest before all; else in their order.
    func orderedByWaitTime(_ targets: [Target]) -> [Target] {
        let standings = targetStates
        return targets.enumerated().sorted {
            let since = [$0, $1].map { standings[$0.element.space.description]?.waits ?? .infinity }
            return (since[0], $0.offset) < (since[1], $1.offset)
        }.map(\.element)
    }

    /// Counted before it is made, and kept at once: who is killed has made it.
    /// - Throws: kind `tryLater`, cause `deferred`, where another commit would be one too many.
    func reserveCommit(to space: SpaceID) throws(DeployError) {
        try checkCommitBudget(to: space, isReserved: true)
        save()
    }

    /// - Throws: the same.
    func checkCommitBudget(to space: SpaceID, isReserved: Bool = false) throws(DeployError) {
        let now = Date().timeIntervalSince1970
        let count = state.withLock { state in
            let times = state.commits[space.owner, default: []].filter { $0 > now - 3600 && $0 <= now }
            let isRoom = isReserved && times.count < Self.maxCommitsPerHour
            state.commits[space.owner] = isRoom ? times + [now] : times
            return times.count
        }
        guard count >= Self.maxCommitsPerHour else { return }
        throw DeployError(
            deferring: space,
            because: "\(count) commits of \(space.owner) within the hour, and the Hub takes few more")
    }

    func record(_ report: DeployResult, _ target: Target, comparedConfiguration: Bool) {
        let now = Date().timeIntervalSince1970
        state.withLock { state in
            var known = state.standings[target.space.description] ?? TargetState()
            if report.failure == nil { known.lastSuccess = now }
            if report.failure == nil, !report.isHeldBack {
                known.deployed = report.sourceCommit?.description
                if comparedConfiguration || report.outcome != .unchanged {
                    (known.settings, known.reconciled) = (target.settingsHash, now)
                }
            }
            state.standings[target.space.description] = known
        }
    }

    /// The reports of targets whose outcome is another than in the pass before, that want to be told of.
    func recordOutcomes(_ reports: [DeployResult], _ targets: [Target]) -> [(
        report: DeployResult, url: Target.Sourced
    )] {
        let time = Date().timeIntervalSince1970
        return state.withLock { state in
            reports.compactMap { report in
                let (name, now) = (report.space.description, report.mirrorStatus)
                let since = state.standings[name]?.waits ?? time
                state.standings[name, default: TargetState()].waits = report.isDeferred ? since : nil
                guard report.isConclusive else { return nil }
                let before = state.standings[name]?.outcome
                state.standings[name, default: TargetState()].outcome = now
                guard let url = targets.first(where: { $0.space == report.space })?.notify else { return nil }
                // A target that was always well is no news.
                return before == now || before == nil && report.failure == nil ? nil : (report, url)
            }
        }
    }

    /// Whole, or as it was.
    func save() {
        guard let data = state.withLock({ try? JSONEncoder().encode($0) }) else { return }
        try? FileManager.default.createDirectory(
            atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        PlainFile.replace(path, with: Array(data))
    }
}

extension DeployResult {
    /// Outcomes that are the same news.
    fileprivate static let good = "good"
    /// What waits, rests after it was rolled back, or was not seen to its end is as it was before.
    fileprivate var isConclusive: Bool { !isDeferred && !isHeldBack && outcome != .interrupted }
    /// Nothing was done and nothing is wrong: no news of a pass.
    var isNoOp: Bool { outcome == .unchanged || outcome == .heldBack }
    var mirrorStatus: String { failure == nil ? Self.good : "\(outcome.rawValue) \(exitCode)" }
}

import Deploy
import DeploySettings
import Essentials
import Git
import SpacesModel
import Synchronization

/// The state kept between passes: a small file in the cache, shared by passes with different
/// settings. The file is read and written under the lock of a pass. If it is lost, secrets are
/// compared once more and one notification is missed.
final class MirrorState: Sendable {
    /// The state of one target.
    struct TargetState: Codable, Hashable, Sendable {
        /// The outcome in the last pass.
        var outcome: String?
        /// Seconds since 1970.
        var lastSuccess: Double?
        /// The hash of the settings that were last compared with the Space. `reconciled` is the
        /// time of that comparison, in seconds since 1970.
        var settings: String?
        var reconciled: Double?
        var deployed: String?
        /// When the target was first deferred, in seconds since 1970; the longest-waiting target is
        /// deployed first.
        var waits: Double?
    }

    private struct State: Codable {
        var standings: [String: TargetState] = [:]
        /// The times of the commits of the last hour, by owner; seconds since 1970.
        var commits: [String: [Double]] = [:]
    }

    private let path: String
    private let state: Mutex<State>
    /// 128 commits per hour were observed to be the Hub's limit (hub-api.md 8.3).
    private static let maxCommitsPerHour = 120

    /// - Parameter hub: the Hub's name as part of a file name.
    init(in directory: String, at hub: String) {
        path = directory + "/mirror-\(hub).json"
        let saved = PlainFile.read(path, limit: 16 << 20).flatMap {
            try? JSONDecoder().decode(State.self, from: Data($0))
        }
        state = Mutex(saved ?? State())
    }

    var targetStates: [String: TargetState] { state.withLock { $0.standings } }

    /// Whether variables, secrets and hardware are compared even if nothing is pushed.
    func isDue(_ target: Target, every time: Duration) -> Bool {
        let saved = state.withLock { $0.standings[target.space.description] }
        guard let saved, saved.settings == target.settingsHash, let last = saved.reconciled else {
            return true
        }
        return Date().timeIntervalSince1970 - last >= time / .seconds(1)
    }

    /// The failures of the previous pass, by Space.
    func previousFailures(among targets: [Target]) -> [SpaceID: String] {
        let outcomes = targets.map {
            ($0.space, targetStates[$0.space.description]?.outcome ?? Self.good)
        }
        return Dictionary(outcomes.filter { $0.1 != Self.good }) { first, _ in first }
    }

    /// Whether the Space was deployed successfully in the previous pass.
    func wasSuccessful(_ space: SpaceID) -> Bool {
        state.withLock { $0.standings[space.description]?.outcome } == Self.good
    }

    /// Returns the targets with those deferred by earlier passes first, the longest-waiting first;
    /// the others keep their order.
    func orderedByWaitTime(_ targets: [Target]) -> [Target] {
        let states = targetStates
        return targets.enumerated().sorted {
            let since = [$0, $1].map { states[$0.element.space.description]?.waits ?? .infinity }
            return (since[0], $0.offset) < (since[1], $1.offset)
        }.map(\.element)
    }

    /// Counts a commit before it is made and saves the count at once, so that a process killed
    /// during the push has counted it.
    /// - Throws: kind `tryLater`, cause `deferred`, if the commit would exceed the limit.
    func reserveCommit(to space: SpaceID) throws(DeployError) {
        try checkCommitBudget(to: space, isReserved: true)
        save()
    }

    /// - Throws: kind `tryLater`, cause `deferred`, if another commit would exceed the limit.
    func checkCommitBudget(to space: SpaceID, isReserved: Bool = false) throws(DeployError) {
        let now = Date().timeIntervalSince1970
        let count = state.withLock { state in
            let times = state.commits[space.owner, default: []].filter { $0 > now - 3600 && $0 <= now }
            let isAllowed = isReserved && times.count < Self.maxCommitsPerHour
            state.commits[space.owner] = isAllowed ? times + [now] : times
            return times.count
        }
        guard count >= Self.maxCommitsPerHour else { return }
        throw RateLimitBudget.deferral(
            of: space,
            because: "\(count) commits of \(space.owner) in the last hour, close to the Hub's limit")
    }

    func record(_ report: DeployResult, _ target: Target, comparedConfiguration: Bool) {
        let now = Date().timeIntervalSince1970
        state.withLock { state in
            var updated = state.standings[target.space.description] ?? TargetState()
            if report.failure == nil { updated.lastSuccess = now }
            if report.failure == nil, !report.isHeldBack {
                updated.deployed = report.sourceCommit?.description
                if comparedConfiguration || report.outcome != .unchanged {
                    (updated.settings, updated.reconciled) = (target.settingsHash, now)
                }
            }
            state.standings[target.space.description] = updated
        }
    }

    /// Records the outcomes.
    /// - Returns: the results of the targets with a notification URL whose outcome differs from the
    /// previous pass.
    func recordOutcomes(_ reports: [DeployResult], _ targets: [Target]) -> [(
        report: DeployResult, url: Target.Sourced
    )] {
        let time = Date().timeIntervalSince1970
        return state.withLock { state in
            reports.compactMap { report in
                let (name, status) = (report.space.description, Self.status(of: report))
                let since = state.standings[name]?.waits ?? time
                state.standings[name, default: TargetState()].waits = report.isDeferred ? since : nil
                guard Self.isConclusive(report) else { return nil }
                let previous = state.standings[name]?.outcome
                state.standings[name, default: TargetState()].outcome = status
                guard let url = targets.first(where: { $0.space == report.space })?.notify else { return nil }
                // A first outcome that is a success needs no notification.
                return previous == status || previous == nil && report.failure == nil ? nil : (report, url)
            }
        }
    }

    /// Saves the state atomically.
    func save() {
        guard let data = state.withLock({ try? JSONEncoder().encode($0) }) else { return }
        try? FileManager.default.createDirectory(
            atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        PlainFile.replace(path, with: Array(data))
    }

    /// The status of every successful outcome.
    private static let good = "good"

    static func status(of result: DeployResult) -> String {
        result.failure == nil ? good : "\(result.outcome.rawValue) \(result.exitCode)"
    }

    /// Whether nothing was done and nothing is wrong.
    static func isNoOp(_ result: DeployResult) -> Bool {
        result.outcome == .unchanged || result.outcome == .heldBack
    }

    /// Whether the result says something new about the Space: deferred, held-back and interrupted
    /// targets keep their previous status.
    private static func isConclusive(_ result: DeployResult) -> Bool {
        !result.isDeferred && !result.isHeldBack && result.outcome != .interrupted
    }
}

import Synchronization
import TestSupport

@testable import SpacesModel

/// A scripted runtime service on a virtual clock: stages, heads and log lines with the second from
/// which they are returned. `@unchecked`: a test configures the script before the watch begins;
/// after that only the counters change, which are protected by locks.
final class ScriptedBuilds: SpaceRuntimeService, @unchecked Sendable {
    enum Report: Sendable {
        case stage(Stage, sha: ObjectID?, String?)
        case fault(DeployError)
    }

    private let clock: VirtualClock
    var reports: [(at: Int, Report)] = []
    var heads: [(at: Int, ObjectID?)] = []
    var sdk = "docker"
    var logs: [LogKind: [(at: Int, String)]] = [:]
    /// Whether a log stream ends after its last line. If false, it stays open.
    var endsLogs = true
    var logFault: DeployError?
    /// The second in which open log streams are interrupted; `nil` if they are not.
    var cut: Int?
    private let counts = Mutex((polls: 0, infos: 0, streams: 0))
    /// The times of all requests.
    private let requestTimes = Mutex<[Duration]>([])

    init(_ clock: VirtualClock) { self.clock = clock }

    var polls: Int { counts.withLock { $0.polls } }
    var requests: Int { counts.withLock { $0.polls + $0.infos + $0.streams } }
    /// The maximum number of requests within five minutes.
    var busiest: Int {
        let times = requestTimes.withLock { $0 }
        return times.map { start in times.count { $0 >= start && $0 < start + .seconds(300) } }.max() ?? 0
    }

    private func recordRequest() { requestTimes.withLock { $0.append(second) } }
    private var second: Duration { clock.now.offset }

    private func current<Value>(_ script: [(at: Int, Value)]) -> Value? {
        script.last { .seconds($0.at) <= second }?.1
    }

    func runtime() async throws(DeployError) -> Runtime {
        counts.withLock { $0.polls += 1 }
        recordRequest()
        return try report()
    }

    private func report() throws(DeployError) -> Runtime {
        switch current(reports) {
        case .stage(let stage, let sha, let message)?:
            return Runtime(stage: stage, sha: sha, errorMessage: message)
        case .fault(let failure)?: throw failure
        case nil: throw DeployError(.internalError, "the script is empty")
        }
    }

    func info() async throws(DeployError) -> SpaceInfo {
        counts.withLock { $0.infos += 1 }
        recordRequest()
        let runtime = sdk == "static" ? try report() : nil
        let head = current(heads) ?? nil
        return SpaceInfo(sha: head, sdk: sdk, appURL: "https://me-app.hf.space", runtime: runtime)
    }

    func follow(_ log: LogKind, _ line: @escaping @Sendable (LogLine) async -> Void) async throws(DeployError)
    {
        counts.withLock { $0.streams += 1 }
        recordRequest()
        if let logFault { throw logFault }
        let cut = cut.flatMap { .seconds($0) > second ? $0 : nil }
        do {
            for (at, text) in logs[log] ?? [] {
                if let cut, at >= cut { return }
                if .seconds(at) > second {
                    try await clock.sleep(until: VirtualClock.Instant(offset: .seconds(at)), tolerance: nil)
                }
                await line(LogLine(text: text))
            }
            if !endsLogs { try await clock.sleep(for: .seconds(1_000_000)) }
        } catch {
            throw DeployError(.interrupted, "cancelled")
        }
    }

    func restart(factory: Bool) async throws(DeployError) -> Runtime {
        throw DeployError(.internalError, "nobody restarts here")
    }
}

import Deploy
import Essentials
import Reporting
import SpacesModel
import Synchronization

/// A reporter that passes on all output and records the outcome of each Space in the journal.
final class HookReporter: Reporter {
    private let reporter: any Reporter
    private let hookLog: HookLog?
    private let state: Mutex<State>

    private struct State {
        var outcome: HookOutcome
        var journal: HookJournal?
        var logged = 0
        var isLogFull = false
    }

    /// The maximum number of bytes of build logs kept for a push.
    private static let buildLogLimit = 512 << 10
    /// The maximum size in bytes of the log file of a push; beyond it only results and errors are
    /// written.
    private static let logLimit = 4 << 20

    init(_ reporter: any Reporter, keeping hookLog: HookLog?) {
        (self.reporter, self.hookLog) = (reporter, hookLog)
        let outcome = HookOutcome(process: getpid(), began: Date().timeIntervalSince1970)
        let journal = hookLog.flatMap { HookJournal(creating: $0.journalPath, outcome) }
        state = Mutex(State(outcome: outcome, journal: journal))
    }

    /// Records the deploys that are about to start.
    func begin(_ deploys: [HookOutcome.Entry]) {
        state.withLock { state in
            for deploy in deploys {
                state.outcome.deploys.append(deploy)
                state.journal?.record(deploy, at: state.outcome.deploys.count - 1)
            }
        }
    }

    func end() {
        state.withLock { state in
            state.outcome.ended = Date().timeIntervalSince1970
            state.journal?.end(state.outcome)
        }
    }

    /// Changes the entry of the Space's deploy that has no outcome yet.
    private func change(_ space: SpaceID, _ change: (inout HookOutcome.Entry) -> Void) {
        state.withLock { state in
            let name = space.description
            let index = state.outcome.deploys.firstIndex { $0.space == name && $0.outcome == nil }
            guard let index else { return }
            change(&state.outcome.deploys[index])
            state.journal?.record(state.outcome.deploys[index], at: index)
        }
    }

    func send(_ message: ReporterMessage) {
        switch message {
        case .event(let event, let space, let lines):
            if record(event, of: space, lines), checkLogSize() { reporter.send(message) }
        case .result(let result), .silentResult(let result):
            record(result.deploy)
            reporter.send(.result(result))
        case .begin, .activeTarget, .error, .warning, .info, .promptBegin, .promptEnd, .end:
            reporter.send(message)
        }
    }

    /// Records an event and returns whether it is to be printed.
    private func record(_ event: Event, of space: SpaceID, _ lines: any CommandCompleting) -> Bool {
        switch event {
        case .pushed(let commit): change(space) { $0.commit = commit.description }
        case .stage(let stage): change(space) { $0.stage = stage.rawValue }
        case .log(_, let line): return reserveLogBytes(line.text.utf8.count, of: space, lines)
        default: break
        }
        return true
    }

    private func record(_ result: DeployResult) {
        change(result.space) { deploy in
            deploy.outcome = result.outcome.rawValue
            deploy.commit = result.commit?.description ?? deploy.commit
            deploy.stage = result.stage?.rawValue ?? deploy.stage
            (deploy.app, deploy.exit) = (result.appURL, result.exitCode)
            deploy.message = result.failure?.message
            deploy.ended = Date().timeIntervalSince1970
        }
    }

    /// Returns whether the log file of the push may grow; prints once that the limit is reached.
    private func checkLogSize() -> Bool {
        guard hookLog != nil else { return true }
        let isFull = Self.logSize() > Self.logLimit
        let isNew = state.withLock { state in
            defer { state.isLogFull = isFull }
            return isFull && !state.isLogFull
        }
        if isNew {
            reporter.send(.info("… the log has reached \(Self.logLimit >> 20) MiB: only results follow"))
        }
        return !isFull
    }

    /// The size in bytes of the file behind standard error; 0 if it is not a file.
    private static func logSize() -> Int {
        var status = stat()
        guard fstat(STDERR_FILENO, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return 0 }
        return Int(status.st_size)
    }

    /// Counts a line of a build log and returns whether the limit allows it to be printed.
    private func reserveLogBytes(_ size: Int, of space: SpaceID, _ lines: any CommandCompleting) -> Bool {
        let (before, after) = state.withLock { state in
            state.logged += size
            return (state.logged - size, state.logged)
        }
        guard after > Self.buildLogLimit else { return true }
        if before <= Self.buildLogLimit {
            let hint = "… the rest of the log: spacesync logs \(space) --build"
            reporter.send(.event(.detail(hint), space, lines))
        }
        return false
    }
}

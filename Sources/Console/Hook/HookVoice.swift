import Deploy
import Foundation
import Synchronization

/// Tells the story of a push as another voice does, and keeps what came of each Space beside it.
final class HookVoice: Voice {
    private let voice: any Voice
    private let story: HookStory?
    private let state: Mutex<State>

    private struct State {
        var outcome: HookOutcome
        var logged = 0
    }

    /// Bytes of builds' logs that are kept of one push.
    private static let most = 512 << 10

    init(_ voice: any Voice, keeping story: HookStory?) {
        (self.voice, self.story) = (voice, story)
        state = Mutex(State(outcome: HookOutcome(process: getpid(), began: Date().timeIntervalSince1970)))
    }

    /// What is going to be deployed.
    func begin(_ deploys: [HookOutcome.Entry]) { change { $0.outcome.deploys += deploys } }

    func end() { change { $0.outcome.ended = Date().timeIntervalSince1970 } }

    private func change(_ change: (inout State) -> Void) {
        state.withLock { state in
            change(&state)
            story?.write(state.outcome)
        }
    }

    private func change(_ space: SpaceID, _ change: (inout HookOutcome.Entry) -> Void) {
        self.change { state in
            let place = state.outcome.deploys.firstIndex {
                $0.space == space.description && $0.outcome == nil
            }
            if let place { change(&state.outcome.deploys[place]) }
        }
    }

    func say(_ event: Event, of space: SpaceID, _ lines: ReadyLines) {
        switch event {
        case .pushed(let commit):
            change(space) { $0.commit = commit.description }
        case .stage(let stage):
            change(space) { $0.stage = stage.rawValue }
        case .log(_, let line) where !isKept(line.text.utf8.count, of: space, lines): return
        default: break
        }
        voice.say(event, of: space, lines)
    }

    /// Whether there is room for a line of a log.
    private func isKept(_ size: Int, of space: SpaceID, _ lines: ReadyLines) -> Bool {
        let (before, after) = state.withLock { state in
            state.logged += size
            return (state.logged - size, state.logged)
        }
        guard after > Self.most else { return true }
        if before <= Self.most {
            voice.say(.detail("… the rest of the log: spacesync logs \(space) --build"), of: space, lines)
        }
        return false
    }

    func pass(_ report: Report, _ cost: Cost) { self.report(report, cost) }

    func report(_ report: Report, _ cost: Cost) {
        change(report.space) { deploy in
            deploy.outcome = report.outcome.rawValue
            deploy.commit = report.commit?.description ?? deploy.commit
            deploy.stage = report.stage?.rawValue ?? deploy.stage
            (deploy.app, deploy.exit) = (report.appURL, report.exitCode)
            deploy.message = report.failure?.message
            deploy.ended = Date().timeIntervalSince1970
        }
        voice.report(report, cost)
    }

    func expect(_ run: Prospect) { voice.expect(run) }
    func turn(to space: SpaceID, before others: Int) { voice.turn(to: space, before: others) }
    func fail(_ failure: Failure) { voice.fail(failure) }
    func warn(_ text: String) { voice.warn(text) }
    func note(_ text: String) { voice.note(text) }
    func hold(for space: SpaceID) { voice.hold(for: space) }
    func release() { voice.release() }
    func finish() { voice.finish() }
}

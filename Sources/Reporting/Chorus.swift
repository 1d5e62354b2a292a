import Deploy
import SpacesModel
import Synchronization
import TextTools

/// Tells stories that happen at once so that people can read them. The first target in order that is not done has the
/// floor and speaks as it goes; what the others say is kept until their turn. One that keeps the floor for long lets
/// those that are done be told in between: nobody waits for another's build to learn that theirs has failed.
/// All messages pass through here, so this is also the place where tokens are redacted.
package final class Chorus: Voice {
    private let voice: any Voice
    private let keepsEvents: Bool
    private let patience: Duration
    private let state = Mutex(State())

    private struct State {
        /// Those that are not told to their end, in order.
        var waiting: [SpaceID] = []
        var kept: [SpaceID: KeptStory] = [:]
        var isInOrder = false
        /// A question of this target is being answered: nobody else is heard.
        var asking: SpaceID?
        /// Since when whoever has the floor has it without a break.
        var since = ContinuousClock.now
        var hasAlarm = false

        var speaker: SpaceID? { asking ?? waiting.first }
        func keeps(_ space: SpaceID) -> Bool { space != speaker && waiting.contains(space) }
        var hasEnded: Bool { waiting.dropFirst().contains { kept[$0]?.end != nil } }
    }

    /// - Parameters:
    ///   - keepsEvents: false for readers that tell stories apart themselves: their ends alone keep to the order.
    ///   - patience: for so long the floor is one target's own.
    package init(_ voice: any Voice, keepsEvents: Bool = true, patience: Duration = .seconds(2)) {
        (self.voice, self.keepsEvents, self.patience) = (voice, keepsEvents, patience)
    }

    package func expect(_ run: Prospect) {
        state.withLock { state in
            voice.expect(run)
            (state.waiting, state.kept) = (run.isOfSeveral ? run.spaces : [], [:])
            (state.isInOrder, state.since) = (run.isInOrder, .now)
        }
    }

    package func say(_ event: Event, of space: SpaceID, _ lines: any CommandCompleting) {
        let event = event.redacted
        state.withLock { state in
            guard keepsEvents, state.keeps(space) else { return voice.say(event, of: space, lines) }
            state.kept[space, default: KeptStory()].add(event, lines)
        }
    }

    package func report(_ report: Report, _ cost: Cost) {
        let report = report.redacted
        state.withLock { state in
            let space = report.space
            guard state.keeps(space) else {
                voice.report(report, cost)
                state.waiting.removeAll { $0 == space }
                state.kept[space] = nil
                return goOn(&state)
            }
            state.kept[space, default: KeptStory()].end = (report, cost)
            interrupt(&state)
        }
    }

    package func pass(_ report: Report, _ cost: Cost) {
        let report = report.redacted
        state.withLock { state in
            state.waiting.removeAll { $0 == report.space }
            state.kept[report.space] = nil
            voice.pass(report, cost)
            goOn(&state)
        }
    }

    package func hold(for space: SpaceID) {
        state.withLock { state in
            state.asking = space
            state.kept.removeValue(forKey: space)?.tell(space, by: voice)
            voice.hold(for: space)
        }
    }

    package func release() {
        state.withLock { state in
            voice.release()
            state.asking = nil
            goOn(&state)
        }
    }

    package func turn(to space: SpaceID, before others: Int) {}

    package func fail(_ failure: Failure) { state.withLock { _ in voice.fail(failure.redacted) } }
    package func warn(_ text: String) { state.withLock { _ in voice.warn(text.redacted) } }
    package func note(_ text: String) { state.withLock { _ in voice.note(text.redacted) } }

    package func finish() {
        state.withLock { state in
            for space in state.waiting { state.kept[space]?.tell(space, by: voice) }
            (state.waiting, state.kept) = ([], [:])
            voice.finish()
        }
    }
}

extension Chorus {
    /// Gives the floor to the first that is not done, telling what came before.
    private func goOn(_ state: inout State) {
        guard state.asking == nil else { return }
        while let first = state.waiting.first {
            let story = state.kept.removeValue(forKey: first)
            story?.tell(first, by: voice)
            guard story?.end != nil else { return giveFloor(to: first, &state) }
            state.waiting.removeFirst()
        }
    }

    private func giveFloor(to space: SpaceID, _ state: inout State) {
        state.since = .now
        voice.turn(to: space, before: state.waiting.count - 1)
        if state.hasEnded { interrupt(&state) }
    }

    /// Tells those that are done, when the floor has been another's for long; else later.
    private func interrupt(_ state: inout State) {
        guard !state.isInOrder, state.asking == nil, state.hasEnded, let first = state.waiting.first else {
            return
        }
        let left = patience - state.since.duration(to: .now)
        guard left <= .zero else { return setAlarm(left, &state) }
        for space in state.waiting.dropFirst() where state.kept[space]?.end != nil {
            state.kept.removeValue(forKey: space)?.tell(space, by: voice)
            state.waiting.removeAll { $0 == space }
        }
        giveFloor(to: first, &state)
    }

    private func setAlarm(_ time: Duration, _ state: inout State) {
        guard !state.hasAlarm else { return }
        state.hasAlarm = true
        Task { [weak self] in
            try? await Task.sleep(for: time)
            self?.wake()
        }
    }

    private func wake() {
        state.withLock { state in
            state.hasAlarm = false
            interrupt(&state)
        }
    }
}

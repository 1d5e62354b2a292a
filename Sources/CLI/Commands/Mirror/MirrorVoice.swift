import Deploy
import Reporting
import SpacesModel
import Synchronization

/// Says of a pass what somebody would want to know: of a target that did not change nothing at all.
final class MirrorVoice: Voice {
    private let voice: any Voice
    private let tellsAll: Bool
    private let state = Mutex(State())

    private struct State {
        /// Of targets of which nothing has happened yet.
        var kept: [SpaceID: [(Event, any CommandCompleting)]] = [:]
        var begun: Set<SpaceID> = []
        var costs: [SpaceID: Cost] = [:]
        /// How those failed that were not well after the pass before.
        var ills: [SpaceID: String] = [:]
    }

    /// - Parameter tellsAll: somebody reads along.
    init(_ voice: any Voice, tellsAll: Bool) { (self.voice, self.tellsAll) = (voice, tellsAll) }

    var costs: [SpaceID: Cost] { state.withLock { $0.costs } }

    /// What fails as it failed before is told without its log again, where nobody reads along.
    func remember(_ ills: [SpaceID: String]) { state.withLock { $0.ills = tellsAll ? [:] : ills } }

    func expect(_ run: Prospect) { voice.expect(run) }

    func say(_ event: Event, of space: SpaceID, _ lines: any CommandCompleting) {
        guard begins(space, with: event, lines) else { return }
        voice.say(event, of: space, lines)
    }

    /// Whether this is to be said; what was kept is said before.
    private func begins(_ space: SpaceID, with event: Event, _ lines: any CommandCompleting) -> Bool {
        let kept = state.withLock { state -> [(Event, any CommandCompleting)]? in
            guard !state.begun.contains(space) else { return [] }
            guard state.ills[space] == nil ? event.isDeed : event.isChange else {
                state.kept[space, default: []].append((event, lines))
                return nil
            }
            state.begun.insert(space)
            return state.kept.removeValue(forKey: space) ?? []
        }
        kept?.forEach { voice.say($0, of: space, $1) }
        return kept != nil
    }

    func report(_ report: Report, _ cost: Cost) {
        let (kept, isBegun, ill) = state.withLock { state in
            state.costs[report.space] = cost
            return (
                state.kept.removeValue(forKey: report.space) ?? [], state.begun.contains(report.space),
                state.ills[report.space]
            )
        }
        if report.isAsBefore || report.isDeferred, !isBegun {
            // Nothing is said of it, also no URL: the floor goes on.
            return voice.pass(report, cost)
        }
        if isBegun || ill != report.standing { kept.forEach { voice.say($0, of: report.space, $1) } }
        voice.report(report, cost)
    }

    func pass(_ report: Report, _ cost: Cost) { voice.pass(report, cost) }

    /// The table of a pass, where somebody reads along or something happened.
    func conclude(_ record: PassRecord) {
        guard tellsAll || record.isNews else { return }
        record.deferrals.forEach { voice.warn($0) }
        record.table.forEach { voice.note($0) }
    }

    func turn(to space: SpaceID, before others: Int) { voice.turn(to: space, before: others) }
    func fail(_ failure: Failure) { voice.fail(failure) }
    func warn(_ text: String) { voice.warn(text) }
    func note(_ text: String) { if tellsAll { voice.note(text) } }
    func hold(for space: SpaceID) { voice.hold(for: space) }
    func release() { voice.release() }
    func finish() { voice.finish() }
}

extension Event {
    /// The pass does something to the Space.
    fileprivate var isChange: Bool {
        switch self {
        case .configured, .uploading, .uploaded, .pushed: true
        default: false
        }
    }

    /// Something is done, or wrong, so that the story is worth telling.
    fileprivate var isDeed: Bool {
        switch self {
        case .configured, .uploading, .uploaded, .pushed, .stage, .log, .remote, .probed, .warning: true
        default: false
        }
    }
}

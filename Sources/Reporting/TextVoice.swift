import Deploy
import DeploySettings
import SpacesModel
import Synchronization
import TextTools

/// The story for people, on standard error; the result alone on standard output.
package final class TextVoice: Voice {
    private let out: Terminal
    private let err: Terminal
    private let style: Style
    private let verbosity: Verbosity
    private let state = Mutex(State())
    private let live: LiveLine?
    private let results: TextResults

    package enum Verbosity: Int, Comparable {
        case quiet, normal, verbose
        package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    private struct State {
        var urls: [SpaceID: String] = [:]
        /// Who is being told of.
        var told: SpaceID?
        var run = Prospect()
        /// In which the results are given.
        var order: [SpaceID] = []
        var uploads: [SpaceID: UploadMeter] = [:]
        /// What each is at, and since when.
        var pursuits: [SpaceID: (text: String, since: ContinuousClock.Instant)] = [:]
        var begun: Set<SpaceID> = []
        /// Those of which nothing was said before an interruption.
        var unbegun = 0
        var tally = Tally()
    }

    package init(out: Terminal, err: Terminal, color: Bool, verbosity: Verbosity) {
        (self.out, self.err, self.verbosity) = (out, err, verbosity)
        style = Style(isOn: color && err.isTerminal)
        live = err.isTerminal && verbosity > .quiet ? LiveLine(err) : nil
        results = TextResults(
            out: out, style: style, live: live,
            isNamed: verbosity > .quiet && out.isTerminal && err.isTerminal)
    }

    package func expect(_ run: Prospect) {
        results.expect(run)
        state.withLock { state in
            state.run = run
            state.order += run.spaces.filter { !state.order.contains($0) }
        }
    }

    package func say(_ event: Event, of space: SpaceID, _ lines: any CommandCompleting) {
        state.withLock { _ = $0.begun.insert(space) }
        guard verbosity > .quiet else { return sayQuietly(event, of: space) }
        announce(space)
        switch event {
        case .step(let text): step(text, of: space)
        case .detail(let text): detail(text.visible)
        case .warning(let text, _): detail(style.yellow("warning: ") + text.visible)
        case .read: break
        case .planned(let plan): show(plan, of: space, lines)
        case .finding(let finding): results.give(finding, of: space)
        case .drifted(let entry): results.give(entry, of: space)
        case .configured(let change):
            detail(
                "\(change.order == nil ? "left" : change.kind == .removed ? "removed" : "set") \(change.subject)"
            )
        case .uploaded(let path, let size, _): tellUploaded(path, size, of: space)
        case .uploading(let progress): tell(progress, of: space)
        case .pushed(let commit): detail("commit \(commit.short)")
        case .exported(let folder, let files, let size):
            detail("\(files) files, \(size.asBytes), in \(folder.visible)")
        case .remote(let line): detail("remote: " + line.visible)
        case .stage(let stage): show(stage, of: space)
        case .log(let kind, let line):
            detail(style.dim("\(kind.rawValue) | ") + line.text.visible)
        case .probed(let probe, _, let status, let ok): show(probe, status, ok)
        case .retry(let what, let attempt, let wait, let why):
            detail("\(what.visible): \(why.visible); trying again in \(wait.asSeconds) (\(attempt))")
        }
    }

    private func sayQuietly(_ event: Event, of space: SpaceID) {
        switch event {
        case .planned(let plan) where isPlanned: results.give(plan, of: space)
        case .finding(let finding): results.give(finding, of: space)
        case .drifted(let entry): results.give(entry.path, of: space)
        default: break
        }
    }

    /// Names the target once, before its story.
    private func announce(_ space: SpaceID) {
        let isNew = state.withLock { state in
            defer { state.told = space }
            return state.told != space
        }
        if isNew { line(style.bold("=====> \(space)")) }
    }

    private func step(_ text: String, of space: SpaceID) {
        endUpload(of: space)
        line(style.bold("-----> ") + text.visible)
        begin(text.visible, of: space)
    }

    private func tellUploaded(_ path: Path, _ size: Int, of space: SpaceID) {
        let takes = state.withLock { $0.uploads[space, default: UploadMeter()].takes() }
        if takes || verbosity == .verbose { detail("uploaded \(path.shown.visible) (\(size.asSize))") }
    }

    private func tell(_ progress: TransferProgress, of space: SpaceID) {
        let (text, isDue) = state.withLock { state in
            let text = state.uploads[space, default: UploadMeter()].line(progress)
            return (text, state.uploads[space, default: UploadMeter()].isDue())
        }
        if let live { live.change(to: "Uploading " + text) } else if isDue { detail(text) }
    }

    private func endUpload(of space: SpaceID) {
        let rest = state.withLock { $0.uploads.removeValue(forKey: space)?.rest }
        if let rest, verbosity != .verbose { detail(rest) }
    }

    private func show(_ probe: Probe, _ status: Int?, _ ok: Bool) {
        let isWarming = status.map { [502, 503, 504].contains($0) } ?? true
        let verdict = ok ? "" : isWarming ? ", not yet" : ", not as wanted"
        detail("\(probe.description.visible): \(status.map { "\($0)" } ?? "no answer")\(verdict)")
    }

    private func detail(_ text: String) { line("       " + text) }

    private func show(_ stage: Stage, of space: SpaceID) {
        line(style.bold("-----> ") + style.of(stage))
        begin(stage.rawValue.visible, of: space)
    }

    /// Something long begins.
    private func begin(_ text: String, of space: SpaceID) {
        let now = ContinuousClock.now
        state.withLock { state in
            let isNamed = !state.run.isOfSeveral || text.contains(space.description)
            state.pursuits[space] = (isNamed ? text : "\(space): \(text)", now)
        }
        turn(to: space)
    }

    package func turn(to space: SpaceID, before others: Int) {
        live?.add(aside: others == 0 ? "" : " (then \(others) more)")
        turn(to: space)
    }

    private func turn(to space: SpaceID) {
        guard let live else { return }
        guard let pursuit = state.withLock({ $0.pursuits[space] }) else { return live.end() }
        live.begin(pursuit.text, since: pursuit.since)
    }

    private var isPlanned: Bool { state.withLock { $0.run.isPlan } }

    private func show(_ plan: Plan, of space: SpaceID, _ lines: any CommandCompleting) {
        if isPlanned { return results.give(plan, of: space) }
        guard !plan.isEmpty || !plan.settings.isEmpty else {
            // Why a commit is held back was said just before.
            return plan.heldBack == nil ? detail("nothing to change") : ()
        }
        var table = PlanTable(plan, style: style)
        table.whole = lines.complete("spacesync plan \(space)", of: space).visible
        let limit = verbosity == .verbose ? Int.max : 12
        table.lines(limit: limit).forEach(detail)
    }

    package func report(_ report: Report, _ cost: Cost) {
        let space = report.space
        endUpload(of: space)
        live?.end()
        state.withLock { $0.pursuits[space] = nil }
        let isUnbegun = isUnbegun(report)
        state.withLock { if isUnbegun { $0.unbegun += 1 } else { $0.tally.add(report) } }
        if isUnbegun {
            // One line tells of all of them.
        } else if let failure = report.failure {
            fail(failure, of: space)
        } else if verbosity > .quiet {
            conclude(report, cost)
        }
        let outcomes: [Report.Outcome] = [.deployed, .unchanged, .heldBack, .pushed, .rolledBack]
        if outcomes.contains(report.outcome), let url = report.appURL {
            state.withLock { $0.urls[space] = url }
        }
    }

    package func pass(_ report: Report, _ cost: Cost) {
        state.withLock {
            $0.pursuits[report.space] = nil
            $0.tally.add(report)
        }
    }

    private func isUnbegun(_ report: Report) -> Bool {
        guard report.outcome == .interrupted else { return false }
        return state.withLock { $0.run.isOfSeveral && !$0.begun.contains(report.space) }
    }

    private func conclude(_ report: Report, _ cost: Cost) {
        guard report.outcome != .planned else { return }
        announce(report.space)
        let traffic =
            "\(cost.requests) request\(cost.requests == 1 ? "" : "s"), \(cost.bytesSent.asBytes) up, \(cost.bytesReceived.asBytes) down"
        let commit = report.commit.map { " at \($0.short)" } ?? ""
        let took = Duration.milliseconds(Int64(cost.seconds * 1000)).asSeconds
        let outcome =
            switch (report.isWatched, report.outcome) {
            case (true, .deployed): "running"
            case (true, .unchanged): "answers its probes as wanted"
            default: report.outcome.words
            }
        line(
            style.bold("-----> ") + style.green("\(report.space) \(outcome)")
                + "\(commit) (\(took); \(traffic))")
        for (index, hint) in (report.hint ?? "").split(separator: "\n").enumerated() {
            let isSentence = [.heldBack, .superseded].contains(report.outcome)
            let opening = isSentence ? "" : index == 0 ? "next: " : "      "
            detail(opening + String(hint).visible)
        }
    }

    package func fail(_ failure: Failure) { fail(failure, of: nil) }

    private func fail(_ failure: Failure, of space: SpaceID?) {
        live?.end()
        if let space, verbosity > .quiet { announce(space) }
        line(style.red("error: ") + named(failure.message, of: space).visible)
        // Where the story is told, the log stands above.
        (failure.details + (verbosity == .quiet ? failure.log : [])).forEach { detail($0.visible) }
        for (index, hint) in (failure.hint ?? "").split(separator: "\n").enumerated() {
            line((index == 0 ? style.bold("hint: ") : "      ") + String(hint).visible)
        }
    }

    /// A quiet run has no headings: what it says names its Space itself.
    private func named(_ message: String, of space: SpaceID?) -> String {
        guard let space, verbosity == .quiet, !message.contains(space.description) else { return message }
        return "\(space): \(message)"
    }

    package func warn(_ text: String) {
        if verbosity > .quiet { line(style.yellow("warning: ") + text.visible) }
    }

    package func note(_ text: String) {
        if verbosity > .quiet { line(text.visible) }
    }

    package func hold(for space: SpaceID) {
        live?.end()
        if verbosity > .quiet { announce(space) }
    }

    package func release() {}

    package func finish() {
        live?.end()
        let (order, urls, unbegun) = state.withLock { ($0.order, $0.urls, $0.unbegun) }
        let tally = state.withLock { $0.run.isOfSeveral && verbosity > .quiet ? $0.tally.line : nil }
        if let tally { line(style.bold("=====> ") + tally) }
        if unbegun > 0 {
            let others = unbegun == 1 ? "1 more Space was" : "\(unbegun) more Spaces were"
            line(style.red("error: ") + "interrupted: \(others) not begun")
        }
        let single = urls.keys.filter { !order.contains($0) }
        for url in (order + single).compactMap({ urls[$0] }) { out.write(url + "\n") }
    }

    private func line(_ text: String) {
        live?.pause()
        err.write(text + "\n")
    }
}

extension Report.Outcome {
    /// As people read it.
    var words: String { rawValue.replacing("_", with: " ") }
}

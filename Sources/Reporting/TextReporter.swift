import Deploy
import DeploySettings
import SpacesModel
import Synchronization
import TextTools

/// Prints the log of a run as text on standard error, and only the result on standard output.
package final class TextReporter: Reporter {
    private let out: Terminal
    private let err: Terminal
    private let style: Style
    private let verbosity: Verbosity
    private let state = Mutex(State())
    private let live: ProgressLine?
    private let results: TextResults

    package enum Verbosity: Int, Comparable {
        case quiet, normal, verbose
        package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    private struct State {
        var urls: [SpaceID: String] = [:]
        /// The target whose heading was printed last.
        var announced: SpaceID?
        var run = RunDescription()
        /// The order in which results are printed.
        var order: [SpaceID] = []
        var uploads: [SpaceID: UploadProgressFormatter] = [:]
        /// The current activity of each target, and its start.
        var activities: [SpaceID: (text: String, since: ContinuousClock.Instant)] = [:]
        var begun: Set<SpaceID> = []
        /// The number of targets that an interruption ended before their first output.
        var unbegun = 0
        var summary = RunSummary()
    }

    package init(out: Terminal, err: Terminal, color: Bool, verbosity: Verbosity) {
        (self.out, self.err, self.verbosity) = (out, err, verbosity)
        style = Style(isOn: color && err.isTerminal)
        live = err.isTerminal && verbosity > .quiet ? ProgressLine(err) : nil
        results = TextResults(
            out: out, style: style, live: live,
            isNamed: verbosity > .quiet && out.isTerminal && err.isTerminal)
    }

    package func beginRun(_ run: RunDescription) {
        results.beginRun(run)
        state.withLock { state in
            state.run = run
            state.order += run.spaces.filter { !state.order.contains($0) }
        }
    }

    package func report(_ event: Event, of space: SpaceID, _ lines: any CommandCompleting) {
        state.withLock { _ = $0.begun.insert(space) }
        guard verbosity > .quiet else { return reportQuietly(event, of: space) }
        announce(space)
        switch event {
        case .step(let text): step(text, of: space)
        case .detail(let text): detail(text.visible)
        case .warning(let text, _): detail(style.yellow("warning: ") + text.visible)
        case .read: break
        case .planned(let plan): show(plan, of: space, lines)
        case .finding(let finding): results.print(finding, of: space)
        case .drifted(let entry): results.print(entry, of: space)
        case .configured(let change):
            detail(
                "\(change.command == nil ? "left" : change.kind == .removed ? "removed" : "set") \(change.subject)"
            )
        case .uploaded(let path, let size, _): printUploaded(path, size, of: space)
        case .uploading(let progress): printProgress(progress, of: space)
        case .pushed(let commit): detail("commit \(commit.short)")
        case .exported(let directory, let files, let size):
            detail("\(files) files, \(size.asBytes), in \(directory.visible)")
        case .remote(let line): detail("remote: " + line.visible)
        case .stage(let stage): show(stage, of: space)
        case .log(let kind, let line):
            detail(style.dim("\(kind.rawValue) | ") + line.text.visible)
        case .probed(let probe, _, let status, let ok): show(probe, status, ok)
        case .retry(let operation, let attempt, let wait, let reason):
            detail(
                "\(operation.visible): \(reason.visible); trying again in \(wait.text(.elapsed)) (\(attempt))"
            )
        }
    }

    private func reportQuietly(_ event: Event, of space: SpaceID) {
        switch event {
        case .planned(let plan) where isPlanned: results.print(plan, of: space)
        case .finding(let finding): results.print(finding, of: space)
        case .drifted(let entry): results.print(entry.path, of: space)
        default: break
        }
    }

    /// Prints the heading of a target before its output.
    private func announce(_ space: SpaceID) {
        let isNew = state.withLock { state in
            defer { state.announced = space }
            return state.announced != space
        }
        if isNew { line(style.bold("=====> \(space)")) }
    }

    private func step(_ text: String, of space: SpaceID) {
        endUpload(of: space)
        line(style.bold("-----> ") + text.visible)
        begin(text.visible, of: space)
    }

    private func printUploaded(_ path: Path, _ size: Int, of space: SpaceID) {
        let isNamed = state.withLock { $0.uploads[space, default: UploadProgressFormatter()].countFile() }
        if isNamed || verbosity == .verbose { detail("uploaded \(path.shown.visible) (\(size.asSize))") }
    }

    private func printProgress(_ progress: TransferProgress, of space: SpaceID) {
        let (text, isDue) = state.withLock { state in
            let text = state.uploads[space, default: UploadProgressFormatter()].line(progress)
            return (text, state.uploads[space, default: UploadProgressFormatter()].isDue())
        }
        if let live { live.change(to: "Uploading " + text) } else if isDue { detail(text) }
    }

    private func endUpload(of space: SpaceID) {
        let remainder = state.withLock { $0.uploads.removeValue(forKey: space)?.remainder }
        if let remainder, verbosity != .verbose { detail(remainder) }
    }

    private func show(_ probe: Probe, _ status: Int?, _ ok: Bool) {
        let isWarming = status.map { [502, 503, 504].contains($0) } ?? true
        let result = ok ? "" : isWarming ? ", not yet" : ", not as wanted"
        detail("\(probe.description.visible): \(status.map { "\($0)" } ?? "no answer")\(result)")
    }

    private func detail(_ text: String) { line("       " + text) }

    private func show(_ stage: Stage, of space: SpaceID) {
        line(style.bold("-----> ") + style.of(stage))
        begin(stage.rawValue.visible, of: space)
    }

    /// Shows an activity in the progress line.
    private func begin(_ text: String, of space: SpaceID) {
        let now = ContinuousClock.now
        state.withLock { state in
            let isNamed = !state.run.hasMultipleSpaces || text.contains(space.description)
            state.activities[space] = (isNamed ? text : "\(space): \(text)", now)
        }
        switchProgressLine(to: space)
    }

    package func switchActiveTarget(to space: SpaceID, before others: Int) {
        live?.add(suffix: others == 0 ? "" : " (then \(others) more)")
        switchProgressLine(to: space)
    }

    private func switchProgressLine(to space: SpaceID) {
        guard let live else { return }
        guard let activity = state.withLock({ $0.activities[space] }) else { return live.end() }
        live.begin(activity.text, since: activity.since)
    }

    private var isPlanned: Bool { state.withLock { $0.run.isPlan } }

    private func show(_ plan: Plan, of space: SpaceID, _ lines: any CommandCompleting) {
        if isPlanned { return results.print(plan, of: space) }
        guard !plan.isEmpty || !plan.configurationChanges.isEmpty else {
            // The reason for holding back a commit has just been printed.
            return plan.heldBack == nil ? detail("nothing to change") : ()
        }
        var table = PlanTable(plan, style: style)
        table.fullPlanCommand = lines.complete("spacesync plan \(space)", of: space).visible
        let limit = verbosity == .verbose ? Int.max : 12
        table.lines(limit: limit).forEach(detail)
    }

    package func report(_ report: DeployResult, _ cost: RunStatistics) {
        let space = report.space
        endUpload(of: space)
        live?.end()
        state.withLock { $0.activities[space] = nil }
        let isUnbegun = isUnbegun(report)
        state.withLock { if isUnbegun { $0.unbegun += 1 } else { $0.summary.add(report) } }
        if isUnbegun {
            // One line at the end reports all of them.
        } else if let failure = report.failure {
            fail(failure, of: space)
        } else if verbosity > .quiet {
            printResult(report, cost)
        }
        let outcomes: [DeployResult.Outcome] = [.deployed, .unchanged, .heldBack, .pushed, .rolledBack]
        if outcomes.contains(report.outcome), let url = report.appURL {
            state.withLock { $0.urls[space] = url }
        }
    }

    package func recordResult(_ report: DeployResult, _ cost: RunStatistics) {
        state.withLock {
            $0.activities[report.space] = nil
            $0.summary.add(report)
        }
    }

    private func isUnbegun(_ report: DeployResult) -> Bool {
        guard report.outcome == .interrupted else { return false }
        return state.withLock { $0.run.hasMultipleSpaces && !$0.begun.contains(report.space) }
    }

    private func printResult(_ report: DeployResult, _ cost: RunStatistics) {
        guard report.outcome != .planned else { return }
        announce(report.space)
        let traffic =
            "\(cost.requests) request\(cost.requests == 1 ? "" : "s"), \(cost.bytesSent.asBytes) up, \(cost.bytesReceived.asBytes) down"
        let commit = report.commit.map { " at \($0.short)" } ?? ""
        let elapsed = Duration.milliseconds(Int64(cost.seconds * 1000)).text(.elapsed)
        let outcome =
            switch (report.isObservation, report.outcome) {
            case (true, .deployed): "running"
            case (true, .unchanged): "answers its probes as wanted"
            default: report.outcome.displayName
            }
        line(
            style.bold("-----> ") + style.green("\(report.space) \(outcome)")
                + "\(commit) (\(elapsed); \(traffic))")
        for (index, hint) in (report.hint ?? "").split(separator: "\n").enumerated() {
            let isSentence = [.heldBack, .superseded].contains(report.outcome)
            let prefix = isSentence ? "" : index == 0 ? "next: " : "      "
            detail(prefix + String(hint).visible)
        }
    }

    package func fail(_ failure: DeployError) { fail(failure, of: nil) }

    private func fail(_ failure: DeployError, of space: SpaceID?) {
        live?.end()
        if let space, verbosity > .quiet { announce(space) }
        line(style.red("error: ") + prefixed(failure.message, of: space).visible)
        // Unless the run is quiet, the log has been printed already.
        (failure.details + (verbosity == .quiet ? failure.log : [])).forEach { detail($0.visible) }
        for (index, hint) in (failure.hint ?? "").split(separator: "\n").enumerated() {
            line((index == 0 ? style.bold("hint: ") : "      ") + String(hint).visible)
        }
    }

    /// A quiet run prints no headings, so the message is prefixed with the Space.
    private func prefixed(_ message: String, of space: SpaceID?) -> String {
        guard let space, verbosity == .quiet, !message.contains(space.description) else { return message }
        return "\(space): \(message)"
    }

    package func warn(_ text: String) {
        if verbosity > .quiet { line(style.yellow("warning: ") + text.visible) }
    }

    package func info(_ text: String) {
        if verbosity > .quiet { line(text.visible) }
    }

    package func pauseOutput(for space: SpaceID) {
        live?.end()
        if verbosity > .quiet { announce(space) }
    }

    package func resumeOutput() {}

    package func finish() {
        live?.end()
        let (order, urls, unbegun) = state.withLock { ($0.order, $0.urls, $0.unbegun) }
        let summary = state.withLock {
            $0.run.hasMultipleSpaces && verbosity > .quiet ? $0.summary.line : nil
        }
        if let summary { line(style.bold("=====> ") + summary) }
        if unbegun > 0 {
            let others = unbegun == 1 ? "1 more Space was" : "\(unbegun) more Spaces were"
            line(style.red("error: ") + "interrupted: \(others) not begun")
        }
        let additional = urls.keys.filter { !order.contains($0) }
        for url in (order + additional).compactMap({ urls[$0] }) { out.write(url + "\n") }
    }

    private func line(_ text: String) {
        live?.pause()
        err.write(text + "\n")
    }
}

extension DeployResult.Outcome {
    /// The outcome as text.
    var displayName: String { rawValue.replacing("_", with: " ") }
}

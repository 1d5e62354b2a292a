import Deploy
import DeploySettings
import SpacesModel
import Synchronization
import TextTools

/// Prints the log of a run as text on standard error, and only the result on standard output.
package final class TextReporter: Reporter {
    private let err: Terminal
    private let style: Style
    private let verbosity: Verbosity
    private let state = Mutex(State())
    private let results: TextResults

    package enum Verbosity: Int, Comparable {
        case quiet, normal, verbose
        package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    private struct State {
        /// The target whose heading was printed last.
        var announced: SpaceID?
        var run = RunDescription()
        var uploads: [SpaceID: UploadProgressFormatter] = [:]
        var begun: Set<SpaceID> = []
        var summary = RunSummary()
    }

    package init(out: Terminal, err: Terminal, color: Bool, verbosity: Verbosity) {
        (self.err, self.verbosity) = (err, verbosity)
        style = Style(isOn: color && err.isTerminal)
        results = TextResults(
            out: out, style: style,
            isNamed: verbosity > .quiet && out.isTerminal && err.isTerminal)
    }

    package func send(_ message: ReporterMessage) {
        switch message {
        case .begin(let run): begin(run)
        case .event(let event, let space, let lines): print(event, of: space, lines)
        case .result(let result): print(result)
        case .silentResult(let result): state.withLock { $0.summary.add(result.deploy) }
        case .activeTarget: break
        case .error(let error): print(error, of: nil)
        case .warning(let text):
            if verbosity > .quiet { line(style.yellow("warning: ") + text.visible) }
        case .info(let text):
            if verbosity > .quiet { line(text.visible) }
        case .promptBegin(let space):
            if verbosity > .quiet { announce(space) }
        case .promptEnd: break
        case .end: end()
        }
    }

    private func begin(_ run: RunDescription) {
        results.begin(run)
        state.withLock { $0.run = run }
    }

    private func end() {
        let (interruption, summary) = state.withLock {
            let isShown = $0.run.hasMultipleSpaces && verbosity > .quiet
            return ($0.summary.interruption, isShown ? $0.summary.line : nil)
        }
        if let summary { line(style.bold("=====> ") + summary) }
        if let interruption { line(style.red("error: ") + interruption) }
        results.printURLs()
    }

    private func line(_ text: String) { err.write(text + "\n") }

    private func detail(_ text: String) { line("       " + text) }

    /// Prints the heading of a target before its output.
    private func announce(_ space: SpaceID) {
        let isNew = state.withLock { state in
            defer { state.announced = space }
            return state.announced != space
        }
        if isNew { line(style.bold("=====> \(space)")) }
    }
}

extension TextReporter {
    private func print(_ event: Event, of space: SpaceID, _ lines: any CommandCompleting) {
        state.withLock { _ = $0.begun.insert(space) }
        guard verbosity > .quiet else { return printQuietly(event, of: space) }
        announce(space)
        switch event {
        case .step(let text): step(text, of: space)
        case .detail(let text): detail(text.visible)
        case .warning(let text, _): detail(style.yellow("warning: ") + text.visible)
        case .token(let origin): detail("token: \(origin.visible)")
        case .source(let source): detail(source.text.visible)
        case .read, .target: break
        case .planned(let plan): show(plan, of: space, lines)
        case .finding(let finding): results.print(finding, of: space)
        case .drifted(let file): results.print(file, of: space)
        case .configured(let change):
            detail(
                "\(change.command == nil ? "left" : change.kind == .removed ? "removed" : "set") \(change.subject)"
            )
        case .uploaded(let path, let size, _): printUploaded(path, size, of: space)
        case .uploading(let progress): printProgress(progress, of: space)
        case .pushed(let commit): detail("commit \(commit.short)")
        case .exported(let directory, let files, let size):
            detail("\(files) files, \(size.asSize), in \(directory.visible)")
        case .remote(let line): detail("remote: " + line.visible)
        case .stage(let stage): show(stage)
        case .log(let kind, let line):
            detail(style.dim("\(kind.rawValue) | ") + line.text.visible)
        case .probed(let probe, _, let status, let ok): show(probe, status, ok)
        case .retry(let operation, let attempt, let wait, let reason):
            detail(
                "\(operation.visible): \(reason.visible); trying again in \(wait.text(.elapsed)) (\(attempt))"
            )
        }
    }

    private func printQuietly(_ event: Event, of space: SpaceID) {
        switch event {
        case .planned(let plan) where isPlanned: results.print(plan, of: space)
        case .finding(let finding): results.print(finding, of: space)
        case .drifted(let file): results.print(file.path, of: space)
        case .step, .detail, .warning, .token, .source, .target, .read, .planned, .configured, .uploaded,
            .uploading, .pushed,
            .exported, .remote, .stage, .log, .probed, .retry:
            break
        }
    }

    private func step(_ text: String, of space: SpaceID) {
        endUpload(of: space)
        line(style.bold("-----> ") + text.visible)
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
        if isDue { detail(text) }
    }

    private func endUpload(of space: SpaceID) {
        let remainder = state.withLock { $0.uploads.removeValue(forKey: space)?.remainder }
        if let remainder, verbosity != .verbose { detail(remainder) }
    }

    private func show(_ probe: Probe, _ status: Int?, _ ok: Bool) {
        let isWarming = status.map { [502, 503, 504].contains($0) } ?? true
        let result = ok ? "" : isWarming ? ", not yet" : ", unexpected"
        detail("\(probe.description.visible): \(status.map { "\($0)" } ?? "no response")\(result)")
    }

    private func show(_ stage: Stage) {
        line(style.bold("-----> ") + style.of(stage))
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

    private func print(_ result: TargetResult) {
        let (space, deploy) = (result.space, result.deploy)
        endUpload(of: space)
        let isUnbegun = isUnbegun(deploy)
        state.withLock { state in
            if isUnbegun { state.summary.unbegunCount += 1 } else { state.summary.add(deploy) }
        }
        if isUnbegun {
            // One line at the end reports all of them.
        } else if let failure = deploy.failure {
            print(failure, of: space)
        } else if verbosity > .quiet, deploy.outcome != .planned {
            announce(space)
            result.lines(style).forEach(line)
        }
        results.add(deploy)
    }

    private func isUnbegun(_ deploy: DeployResult) -> Bool {
        guard deploy.outcome == .interrupted else { return false }
        return state.withLock { $0.run.hasMultipleSpaces && !$0.begun.contains(deploy.space) }
    }

    private func print(_ error: DeployError, of space: SpaceID?) {
        if let space, verbosity > .quiet { announce(space) }
        ErrorText(error, style: style).lines(of: space, isQuiet: verbosity == .quiet).forEach(line)
    }
}

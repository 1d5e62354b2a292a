import Deploy
import SpacesModel
import TextTools

/// The output of one target on a terminal. Events change the current activity, which the live line shows;
/// a finished activity becomes one line with its duration.
struct TargetScreen: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// What the target is doing.
    private struct Activity: Sendable {
        enum Kind { case other, upload, build, start, probe }
        var kind = Kind.other
        var text: String
        var since: Instant
    }

    let space: SpaceID
    let options: Options
    private(set) var fold = BuildFold()
    /// The end of the app's log, shown if the app fails.
    private(set) var runLog: [String] = []
    private(set) var isFinished = false
    private var lines: [ScreenLine] = []
    private var heading: TargetHeading
    private var activity: Activity?
    private var upload = TransferMeter()
    /// The last responses to probes, in order.
    private var probes: [(probe: String, text: String)] = []
    private var isBuilt = false
    private var isRunning = false
    private var isPushed = false

    struct Options: Sendable {
        var isVerbose = false
        /// Whether the plan is the result.
        var isPlan = false
        /// Whether the links are printed here; otherwise standard output has them.
        var showsLinks = false
        var style: Style
        /// Completes a command with the flags of the run.
        var complete: @Sendable (String, SpaceID) -> String = { text, _ in text }
    }

    init(_ space: SpaceID, _ options: Options) {
        (self.space, self.options) = (space, options)
        heading = TargetHeading(space)
    }

    private var style: Style { options.style }

    /// Returns the lines that are due.
    mutating func takeLines() -> [ScreenLine] {
        defer { lines = [] }
        return lines
    }

    /// Returns what the target is doing, with the time since it began; `nil` if nothing is under way.
    func activityText(at now: Instant) -> String? {
        guard let activity, !isFinished else { return nil }
        let elapsed = activity.since.duration(to: now).text(.running)
        switch activity.kind {
        case .upload: return "uploading  \(upload.text(at: now) ?? elapsed)"
        case .build: return ["building", fold.current, elapsed].compactMap { $0 }.joined(separator: "  ")
        case .start: return "starting  … \(probes.last?.text ?? "")\(probes.isEmpty ? "" : "  ")\(elapsed)"
        case .probe: return "\(activity.text)  … \(probes.last.map { "\($0.text)  " } ?? "")\(elapsed)"
        case .other: return "\(activity.text) … \(elapsed)"
        }
    }

    private mutating func print(_ line: ScreenLine) {
        if let heading = heading.take() { lines.append(heading) }
        lines.append(line)
    }

    private mutating func finishActivity(_ name: String, _ text: String = "", at now: Instant) {
        print(.step(.done, name: name, text: text, took: activity.map { $0.since.duration(to: now) }))
        activity = nil
    }

    private mutating func begin(_ kind: Activity.Kind, _ text: String, at now: Instant) {
        activity = Activity(kind: kind, text: text, since: now)
    }

    /// Ends the current activity, when another one begins.
    private mutating func endActivity(at now: Instant) {
        switch activity?.kind {
        case .upload: finishUpload(at: now)
        case .build: finishBuild(at: now)
        case .probe: finishActivity("probed", probeSummary, at: now)
        case .start, nil: activity = nil
        // Reading both sides is worth a line only if it takes time.
        case .other where !heading.isPrinted && !isLong(at: now): activity = nil
        case .other: finishActivity(activity?.text ?? "", at: now)
        }
    }

    private func isLong(at now: Instant) -> Bool {
        activity.map { $0.since.duration(to: now) >= .seconds(2) } ?? false
    }

    private mutating func finishUpload(at now: Instant) {
        let took = activity.map { $0.since.duration(to: now) } ?? .zero
        finishActivity("uploaded", upload.summary(after: took) ?? "", at: now)
    }

    /// Whether a build is under way, or was so short that only its log was seen.
    private var isBuildUnfinished: Bool {
        activity?.kind == .build || activity?.kind == .other && !fold.isEmpty && !isBuilt
    }

    private mutating func finishBuild(at now: Instant) {
        isBuilt = true
        finishActivity("built", fold.summary, at: now)
        guard !options.isVerbose else { return }
        for step in fold.slowSteps.sorted(by: { $0.took > $1.took }).prefix(3) {
            print(.note("\(step.took.text(.elapsed))  \(step.text.truncatedEnd(to: 60))", .dim, indent: 13))
        }
    }

    private var probeSummary: String {
        probes.map { "\($0.probe) \($0.text)" }.joined(separator: ", ")
    }
}

extension TargetScreen {
    mutating func add(_ event: Event, at now: Instant) {
        switch event {
        case .step(let text):
            endActivity(at: now)
            begin(.other, text.visible, at: now)
        case .token(let origin): heading.token = origin
        case .source(let source): heading.source = source
        case .target(let info): heading.info = info
        case .read: break
        case .planned(let plan): show(plan, at: now)
        case .uploading(let progress):
            if activity?.kind != .upload { begin(.upload, "", at: activity?.since ?? now) }
            upload.update(progress, at: now)
        case .pushed(let commit):
            isPushed = true
            finishActivity("pushed", commit.short, at: now)
        case .exported(let directory, let files, let size):
            finishActivity(
                "exported", "\(files) files, \(size.asSize), in \(directory.visible)", at: now)
        case .stage(let stage): show(stage, at: now)
        case .log(let kind, let line): add(line, kind)
        case .probed(let probe, _, let status, let ok): add(probe.description.visible, status, ok, at: now)
        case .retry(let operation, let attempt, let wait, let reason):
            let text = "\(operation): \(reason); trying again in \(wait.text(.elapsed)) (\(attempt))"
            print(.note(text.visible, .dim, hanging: 2))
        default: addNote(event)
        }
    }

    private mutating func addNote(_ event: Event) {
        switch event {
        case .detail(let text): print(.note(text.visible, hanging: 2))
        case .warning(let text, _): print(.note(text.visible, .warning))
        case .remote(let line): print(.note("remote: \(line.visible)", .dim, hanging: 8))
        case .configured(let change):
            // What was set is in the text of its step.
            if change.command != nil { return }
            print(.note("left \(change.subject)".visible))
        case .uploaded(let path, let size, _):
            if options.isVerbose { print(.note("uploaded \(path.shown.visible) (\(size.asSize))", .dim)) }
        case .finding(let finding):
            FindingText(finding, style: style).lines.forEach { print(.result($0, hanging: 4)) }
        case .drifted(let file):
            DriftTable(file, style: style).lines.forEach { print(.result($0, hanging: 4)) }
        default: break
        }
    }

    private mutating func show(_ plan: Plan, at now: Instant) {
        if isLong(at: now), !options.isPlan {
            finishActivity("compared", "source and Space", at: now)
        }
        activity = nil
        if let heading = heading.take() { lines.append(heading) }
        var table = PlanTable(plan, style: style)
        table.fullPlanCommand = options.complete("spacesync plan \(space)", space).visible
        if options.isPlan {
            table.entries(limit: .max).forEach { lines.append(.planEntry($0, isResult: true)) }
            table.diffLines.forEach { lines.append(.result($0)) }
        } else if !plan.isEmpty || !plan.configurationChanges.isEmpty {
            table.entries(limit: options.isVerbose ? .max : 12).forEach {
                lines.append(.planEntry($0, isResult: false))
            }
        } else if plan.heldBack == nil {
            lines.append(.note("nothing to change"))
        }
    }

    private mutating func show(_ stage: Stage, at now: Instant) {
        switch stage {
        case _ where stage.isBuilding:
            if activity?.kind == .other { activity = nil }
            if activity?.kind != .build { begin(.build, "building", at: now) }
        case _ where stage.isStarting:
            if isBuildUnfinished { finishBuild(at: now) }
            if activity?.kind != .start { begin(.start, "starting", at: now) }
        case .running:
            if isBuildUnfinished { finishBuild(at: now) }
            isRunning = true
            finishActivity("running", at: now)
        case _ where stage.isBroken: break
        default:
            activity = nil
            print(.step(.stopped, name: stage.rawValue.lowercased().visible, text: "", took: nil))
        }
    }

    private mutating func add(_ line: LogLine, _ kind: LogKind) {
        if kind == .build { fold.add(line.text) } else { runLog = (runLog + [line.text]).suffix(20) }
        if options.isVerbose { print(.log("\(kind.rawValue) | \(line.text.visible)")) }
    }

    private mutating func add(_ probe: String, _ status: Int?, _ ok: Bool, at now: Instant) {
        if activity?.kind == .other { activity?.kind = .probe }
        let isStarting = status.map { [502, 503, 504].contains($0) } ?? true
        let text = status.map { "\($0)" } ?? "no response"
        probes.removeAll { $0.probe == probe }
        probes.append((probe, ok ? text : isStarting ? "\(text), not yet" : "\(text), unexpected"))
        if options.isVerbose { print(.note("\(probe): \(text)", .dim)) }
    }
}

extension TargetScreen {
    /// Ends the output with the result.
    mutating func finish(_ result: TargetResult, at now: Instant) {
        let deploy = result.deploy
        defer { (activity, isFinished) = (nil, true) }
        if let failure = deploy.failure {
            let took = activity.map { $0.since.duration(to: now) }
            let open = activity?.kind == .other ? activity?.text : nil
            FailureLines(failure, deploy, fold: fold, runLog: runLog, options: options).lines(
                step: open, took: took
            ).forEach { print($0) }
            return
        }
        if activity?.kind == .probe || activity?.kind == .upload { endActivity(at: now) }
        if let line = outcome(of: result) { print(line) }
        if options.isVerbose { print(.note(result.trafficText, .dim)) }
        let isSentence = [.heldBack, .superseded].contains(deploy.outcome)
        for (index, hint) in (deploy.hint ?? "").split(separator: "\n").enumerated() {
            let label = isSentence ? "" : index == 0 ? "next: " : "      "
            print(.note(label + String(hint).visible, hanging: isSentence ? 2 : 6))
        }
        addLinks(of: result)
    }

    /// Prints the URLs of app and page: those of a private Space open only after signing in.
    private mutating func addLinks(of result: TargetResult) {
        guard let app = result.deploy.shownURL else { return }
        let isPrivate = result.deploy.isPrivate ?? heading.info?.isPrivate ?? false
        let remark = isPrivate ? "  (private: sign in first)" : ""
        let page = result.spaceURL.map { "page  \($0)" }
        guard options.showsLinks else { return page.map { print(.note($0 + remark, indent: 0)) } ?? () }
        print(.result("app   \(app.visible)\(remark)", hanging: 6))
        if let page { print(.result(page)) }
    }

    /// The line of the outcome; `nil` if the last step has shown it already.
    private func outcome(of result: TargetResult) -> ScreenLine? {
        let deploy = result.deploy
        let took = Duration.milliseconds(Int64(result.statistics.seconds * 1000))
        let commit = deploy.commit?.short ?? ""
        func step(_ mark: ScreenLine.Mark, _ name: String) -> ScreenLine {
            .step(mark, name: name, text: commit, took: took)
        }
        switch deploy.outcome {
        case .planned: return nil
        case .deployed where isRunning: return nil
        case .deployed where deploy.isObservation: return step(.done, "running")
        case .pushed where isPushed: return nil
        case .unchanged where deploy.isObservation: return step(.done, "all probes passed")
        case .heldBack, .superseded: return step(.stopped, deploy.outcome.displayName)
        default: return step(.done, deploy.outcome.displayName)
        }
    }
}

import Deploy
import SpacesModel
import Synchronization

/// Tells a run as another voice does, and to GitHub's runner besides: each target's story folds into a group, failures,
/// warnings and findings become annotations, the result goes into the step's summary and outputs. Those who speak
/// through it take turns (`Chorus`).
package final class ActionsVoice: Voice {
    private let voice: any Voice
    private let log: WorkflowLog
    private let files: WorkflowFiles
    private let title: String
    private let foldsStories: Bool
    private let state = Mutex(State())

    private struct State {
        var run = Prospect()
        /// Whose group is open.
        var group: SpaceID?
        var told: Set<SpaceID> = []
        var notes: [SpaceID: [WorkflowCommand]] = [:]
        var findings: [SpaceID: [Finding]] = [:]
        /// In their order, the last of each Space.
        var endings: [Ending] = []
        var failures: [Failure] = []
    }

    /// - Parameters:
    ///   - title: of the summary.
    ///   - foldsStories: false where the streams hold no story.
    package init(
        _ voice: any Voice, _ log: WorkflowLog, _ files: WorkflowFiles, title: String, foldsStories: Bool
    ) {
        (self.voice, self.log, self.files) = (voice, log, files)
        (self.title, self.foldsStories) = (title, foldsStories)
    }

    package func expect(_ run: Prospect) {
        state.withLock { $0.run = run }
        voice.expect(run)
    }

    package func say(_ event: Event, of space: SpaceID, _ lines: any CommandCompleting) {
        enter(space)
        if let note = note(event, of: space) { state.withLock { $0.notes[space, default: []].append(note) } }
        if case .finding(let finding) = event {
            state.withLock { $0.findings[space, default: []].append(finding) }
        }
        voice.say(event, of: space, lines)
    }

    package func report(_ report: Report, _ cost: Cost) {
        // How it went well is seen without unfolding the story.
        if report.failure == nil { leave() } else { enter(report.space) }
        voice.report(report, cost)
        leave()
        add(Ending(report: withFindings(report), cost: cost))
        let notes = state.withLock { $0.notes.removeValue(forKey: report.space) ?? [] }
        log.send(notes + annotations(of: report))
    }

    package func pass(_ report: Report, _ cost: Cost) {
        add(Ending(report: report, cost: cost))
        voice.pass(report, cost)
    }

    package func fail(_ failure: Failure) {
        leave()
        voice.fail(failure)
        state.withLock { $0.failures.append(failure) }
        log.send([.annotation(.error, titled: title, failure.told)])
    }

    package func warn(_ text: String) {
        voice.warn(text)
        log.send([.annotation(.warning, titled: title, [text])])
    }

    package func finish() {
        leave()
        voice.finish()
        let (endings, failures) = state.withLock { ($0.endings, $0.failures) }
        let summary = StepSummary(title: title, endings: endings, failures: failures)
        let troubles = [files.summarize(summary.text), files.output(outputs(endings, failures))]
        log.send(troubles.compactMap { $0 }.map { .annotation(.warning, titled: title, [$0]) })
        log.open()
    }

    package func turn(to space: SpaceID, before others: Int) { voice.turn(to: space, before: others) }
    package func note(_ text: String) { voice.note(text) }
    package func hold(for space: SpaceID) { voice.hold(for: space) }
    package func release() { voice.release() }
}

extension ActionsVoice {
    /// Opens the group of a target. One that was interrupted goes on in another.
    private func enter(_ space: SpaceID) {
        let commands = state.withLock { state -> [WorkflowCommand] in
            // What is on standard output would fall out of the group.
            guard foldsStories, !state.run.isInOrder, state.group != space else { return [] }
            let isNew = state.told.insert(space).inserted
            let title = isNew ? "\(space)" : "\(space) goes on"
            defer { state.group = space }
            return (state.group == nil ? [] : [.endGroup]) + [.group(title)]
        }
        log.send(commands)
    }

    private func leave() {
        let isOpen = state.withLock { state in
            defer { state.group = nil }
            return state.group != nil
        }
        if isOpen { log.send([.endGroup]) }
    }

    private func add(_ ending: Ending) {
        state.withLock { state in
            let place = state.endings.firstIndex { $0.space == ending.space }
            if let place { state.endings[place] = ending } else { state.endings.append(ending) }
        }
    }

    /// Where the findings are the result, the failure counts them alone.
    private func withFindings(_ report: Report) -> Report {
        let findings = state.withLock { $0.findings.removeValue(forKey: report.space) ?? [] }
        var report = report
        if report.failure?.details.isEmpty == true {
            report.failure?.details = findings.map(\.description)
        }
        return report
    }

    private func note(_ event: Event, of space: SpaceID) -> WorkflowCommand? {
        switch event {
        case .warning(_, .some(let finding)), .finding(let finding): annotation(finding, of: space)
        case .warning(let text, nil): .annotation(.warning, titled: "\(space)", [text])
        default: nil
        }
    }

    private func annotation(_ finding: Finding, of space: SpaceID) -> WorkflowCommand {
        let file = state.withLock { $0.run.checkouts[space] }?.file(finding.path)
        return .annotation(
            finding.severity, titled: "\(space): \(finding.place)", [finding.reason, finding.mend],
            file: file, line: finding.line)
    }

    private func annotations(of report: Report) -> [WorkflowCommand] {
        guard var failure = report.failure else { return [] }
        let findings = failure.findings.map { annotation($0, of: report.space) }
        // Each of them has its own.
        if !findings.isEmpty { failure.details = [] }
        let title = "\(report.space) \(report.outcome.words)"
        return findings + [.annotation(.error, titled: title, failure.told)]
    }

    /// Of the sole target each value, of all the results as JSON.
    private func outputs(_ endings: [Ending], _ failures: [Failure]) -> [(name: String, value: String)] {
        guard !endings.isEmpty || !failures.isEmpty else { return [] }
        var outputs: [(name: String, value: String)] = []
        if endings.count == 1, let ending = endings.first {
            outputs = [
                ("outcome", ending.report.outcome.rawValue),
                ("commit", ending.report.commit?.description ?? ""),
                ("app-url", ending.report.appURL ?? ""), ("space-url", ending.spaceURL ?? ""),
            ]
        } else if endings.isEmpty, let failure = failures.last {
            outputs = [("outcome", Report.Outcome(of: failure.kind).rawValue)]
        }
        let results = endings.map { ending in
            OrderedJSON.object([("space", .string(ending.space.description))] + ending.fields(log: false))
        }
        return outputs + [("results", OrderedJSON.array(results).description)]
    }
}

extension Failure {
    /// As an annotation tells it.
    fileprivate var told: [String] {
        [message] + details.prefix(40) + (hint.map { ["hint: \($0)"] } ?? [])
    }
}

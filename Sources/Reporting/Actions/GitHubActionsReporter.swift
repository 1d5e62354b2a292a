import Deploy
import DeploySettings
import Essentials
import SpacesModel
import Synchronization
import TextTools

/// A reporter for GitHub Actions on top of another reporter: it groups the log of each target,
/// turns errors, warnings and findings into annotations, and writes the step's summary and outputs.
/// Its events must not be interleaved (see `InterleavingReporter`).
package final class GitHubActionsReporter: Reporter {
    private let reporter: any Reporter
    private let log: WorkflowLog
    private let files: WorkflowFiles
    private let title: String
    private let groupsTargets: Bool
    private let state = Mutex(State())

    private struct State {
        var run = RunDescription()
        /// The target whose log group is open.
        var group: SpaceID?
        var announced: Set<SpaceID> = []
        var pendingAnnotations: [SpaceID: [WorkflowCommand]] = [:]
        var findings: [SpaceID: [Finding]] = [:]
        /// In order, one outcome per Space: the last one.
        var targetOutcomes: [TargetOutcome] = []
        var failures: [DeployError] = []
    }

    /// - Parameters:
    ///   - title: the title of the summary.
    ///   - groupsTargets: false if the streams contain no log output.
    package init(
        _ reporter: any Reporter, _ log: WorkflowLog, _ files: WorkflowFiles, title: String,
        groupsTargets: Bool
    ) {
        (self.reporter, self.log, self.files) = (reporter, log, files)
        (self.title, self.groupsTargets) = (title, groupsTargets)
    }

    package func beginRun(_ run: RunDescription) {
        state.withLock { $0.run = run }
        reporter.beginRun(run)
    }

    package func report(_ event: Event, of space: SpaceID, _ lines: any CommandCompleting) {
        openGroup(space)
        if let annotation = makeAnnotation(event, of: space) {
            state.withLock { $0.pendingAnnotations[space, default: []].append(annotation) }
        }
        if case .finding(let finding) = event {
            state.withLock { $0.findings[space, default: []].append(finding) }
        }
        reporter.report(event, of: space, lines)
    }

    package func report(_ report: DeployResult, _ cost: RunStatistics) {
        // A success is printed outside the group, so that it is visible while the group is
        // collapsed.
        if report.failure == nil { closeGroup() } else { openGroup(report.space) }
        reporter.report(report, cost)
        closeGroup()
        add(TargetOutcome(report: withFindings(report), cost: cost))
        let pending = state.withLock { $0.pendingAnnotations.removeValue(forKey: report.space) ?? [] }
        log.send(pending + annotations(of: report))
    }

    package func recordResult(_ report: DeployResult, _ cost: RunStatistics) {
        add(TargetOutcome(report: report, cost: cost))
        reporter.recordResult(report, cost)
    }

    package func fail(_ failure: DeployError) {
        closeGroup()
        reporter.fail(failure)
        state.withLock { $0.failures.append(failure) }
        log.send([.annotation(.error, titled: title, failure.annotationLines)])
    }

    package func warn(_ text: String) {
        reporter.warn(text)
        log.send([.annotation(.warning, titled: title, [text])])
    }

    package func finish() {
        closeGroup()
        reporter.finish()
        let (targetOutcomes, failures) = state.withLock { ($0.targetOutcomes, $0.failures) }
        let summary = StepSummary(title: title, targetOutcomes: targetOutcomes, failures: failures)
        let errors = [files.summarize(summary.text), files.output(outputs(targetOutcomes, failures))]
        log.send(errors.compactMap { $0 }.map { .annotation(.warning, titled: title, [$0]) })
        log.open()
    }

    package func switchActiveTarget(to space: SpaceID, before others: Int) {
        reporter.switchActiveTarget(to: space, before: others)
    }
    package func info(_ text: String) { reporter.info(text) }
    package func pauseOutput(for space: SpaceID) { reporter.pauseOutput(for: space) }
    package func resumeOutput() { reporter.resumeOutput() }
}

extension GitHubActionsReporter {
    /// Opens the log group of a target. An interrupted group is continued in a new one.
    private func openGroup(_ space: SpaceID) {
        let commands = state.withLock { state -> [WorkflowCommand] in
            // Results on standard output must not be separated from their target's group.
            guard groupsTargets, !state.run.isInOrder, state.group != space else { return [] }
            let isNew = state.announced.insert(space).inserted
            let title = isNew ? "\(space)" : "\(space) goes on"
            defer { state.group = space }
            return (state.group == nil ? [] : [.endGroup]) + [.group(title)]
        }
        log.send(commands)
    }

    private func closeGroup() {
        let isOpen = state.withLock { state in
            defer { state.group = nil }
            return state.group != nil
        }
        if isOpen { log.send([.endGroup]) }
    }

    private func add(_ targetOutcome: TargetOutcome) {
        state.withLock { state in
            let index = state.targetOutcomes.firstIndex { $0.space == targetOutcome.space }
            if let index {
                state.targetOutcomes[index] = targetOutcome
            } else {
                state.targetOutcomes.append(targetOutcome)
            }
        }
    }

    /// Adds the findings to a failure that only counts them.
    private func withFindings(_ report: DeployResult) -> DeployResult {
        let findings = state.withLock { $0.findings.removeValue(forKey: report.space) ?? [] }
        var report = report
        if report.failure?.details.isEmpty == true {
            report.failure?.details = findings.map(\.description)
        }
        return report
    }

    private func makeAnnotation(_ event: Event, of space: SpaceID) -> WorkflowCommand? {
        switch event {
        case .warning(_, .some(let finding)), .finding(let finding): annotation(finding, of: space)
        case .warning(let text, nil): .annotation(.warning, titled: "\(space)", [text])
        default: nil
        }
    }

    private func annotation(_ finding: Finding, of space: SpaceID) -> WorkflowCommand {
        let file = state.withLock { $0.run.checkouts[space] }?.file(finding.path)
        return .annotation(
            finding.severity, titled: "\(space): \(finding.location)", [finding.reason, finding.fix],
            file: file, line: finding.line)
    }

    private func annotations(of report: DeployResult) -> [WorkflowCommand] {
        guard var failure = report.failure else { return [] }
        let findings = failure.findings.map { annotation($0, of: report.space) }
        // Findings have their own annotations.
        if !findings.isEmpty { failure.details = [] }
        let title = "\(report.space) \(report.outcome.displayName)"
        return findings + [.annotation(.error, titled: title, failure.annotationLines)]
    }

    /// Returns the outputs: one per value if there is only one target, and all results as JSON.
    private func outputs(_ targetOutcomes: [TargetOutcome], _ failures: [DeployError]) -> [(
        name: String, value: String
    )] {
        guard !targetOutcomes.isEmpty || !failures.isEmpty else { return [] }
        var outputs: [(name: String, value: String)] = []
        if targetOutcomes.count == 1, let targetOutcome = targetOutcomes.first {
            outputs = [
                ("outcome", targetOutcome.report.outcome.rawValue),
                ("commit", targetOutcome.report.commit?.description ?? ""),
                ("app-url", targetOutcome.report.appURL ?? ""), ("space-url", targetOutcome.spaceURL ?? ""),
            ]
        } else if targetOutcomes.isEmpty, let failure = failures.last {
            outputs = [("outcome", DeployResult.Outcome(of: failure.kind).rawValue)]
        }
        let results = targetOutcomes.map { targetOutcome in
            JSON.object(
                ["space": .string(targetOutcome.space.description)] + targetOutcome.fields(log: false))
        }
        return outputs + [("results", JSON.array(results).text)]
    }
}

extension DeployError {
    /// The lines of the annotation of this error.
    fileprivate var annotationLines: [String] {
        [message] + details.prefix(40) + (hint.map { ["hint: \($0)"] } ?? [])
    }
}

/// Maps files of a target's tree to files of the checked-out repository, for annotations.
package struct WorkflowCheckout: Hashable, Sendable {
    private let top: String
    private let target: Target

    /// Returns `nil` if the target's source is not the current repository.
    package init?(_ top: String?, _ target: Target) {
        guard let top, target.source == nil else { return nil }
        (self.top, self.target) = (top, target)
    }

    /// Returns the path in the repository, relative to its top; `nil` if the path is not a file
    /// there.
    func file(_ path: Path) -> String? {
        target.sourcePaths(of: path).map(\.description).first { path in
            var info = stat()
            return stat("\(top)/\(path)", &info) == 0 && info.st_mode & S_IFMT != S_IFDIR
        }
    }
}

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
        /// In order, one result per Space: the last one.
        var results: [TargetResult] = []
        /// Errors that belong to no target.
        var errors: [DeployError] = []
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

    package func send(_ message: ReporterMessage) {
        switch message {
        case .begin(let run):
            state.withLock { $0.run = run }
            reporter.send(message)
        case .event(let event, let space, _):
            openGroup(space)
            record(event, of: space)
            reporter.send(message)
        case .result(let result): report(result)
        case .silentResult(let result):
            add(result)
            reporter.send(message)
        case .error(let error):
            closeGroup()
            reporter.send(message)
            state.withLock { $0.errors.append(error) }
            log.send([.annotation(.error, titled: title, Self.annotationLines(of: error))])
        case .warning(let text):
            reporter.send(message)
            log.send([.annotation(.warning, titled: title, [text])])
        case .activeTarget, .info, .promptBegin, .promptEnd: reporter.send(message)
        case .end:
            closeGroup()
            reporter.send(message)
            writeFiles()
            log.open()
        }
    }

    /// Records the annotations and findings of a target until its result.
    private func record(_ event: Event, of space: SpaceID) {
        if let annotation = makeAnnotation(event, of: space) {
            state.withLock { $0.pendingAnnotations[space, default: []].append(annotation) }
        }
        if case .finding(let finding) = event {
            state.withLock { $0.findings[space, default: []].append(finding) }
        }
    }

    private func report(_ result: TargetResult) {
        // A success is printed outside the group, so that it is visible while the group is
        // collapsed.
        if result.deploy.failure == nil { closeGroup() } else { openGroup(result.space) }
        reporter.send(.result(result))
        closeGroup()
        add(withFindings(result))
        let pending = state.withLock { $0.pendingAnnotations.removeValue(forKey: result.space) ?? [] }
        log.send(pending + annotations(of: result.deploy))
    }

    /// Writes the summary and the outputs of the step.
    private func writeFiles() {
        let (results, errors) = state.withLock { ($0.results, $0.errors) }
        let summary = StepSummary(title: title, results: results, errors: errors)
        let problems = [files.summarize(summary.text), files.output(outputs(results, errors))]
        log.send(problems.compactMap { $0 }.map { .annotation(.warning, titled: title, [$0]) })
    }
}

extension GitHubActionsReporter {
    /// Opens the log group of a target. An interrupted group is continued in a new one.
    private func openGroup(_ space: SpaceID) {
        let commands = state.withLock { state -> [WorkflowCommand] in
            // Results on standard output must not be separated from their target's group.
            guard groupsTargets, !state.run.isInOrder, state.group != space else { return [] }
            let isNew = state.announced.insert(space).inserted
            let title = isNew ? "\(space)" : "\(space) (continued)"
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

    private func add(_ result: TargetResult) {
        state.withLock { state in
            if let index = state.results.firstIndex(where: { $0.space == result.space }) {
                state.results[index] = result
            } else {
                state.results.append(result)
            }
        }
    }

    /// Adds the findings to a failure that only counts them.
    private func withFindings(_ result: TargetResult) -> TargetResult {
        let findings = state.withLock { $0.findings.removeValue(forKey: result.space) ?? [] }
        var deploy = result.deploy
        if deploy.failure?.details.isEmpty == true { deploy.failure?.details = findings.map(\.description) }
        return TargetResult(deploy, result.statistics)
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
        return findings + [.annotation(.error, titled: title, Self.annotationLines(of: failure))]
    }

    /// Returns the outputs: one per value if there is only one target, and all results as JSON.
    private func outputs(_ results: [TargetResult], _ errors: [DeployError]) -> [(
        name: String, value: String
    )] {
        guard !results.isEmpty || !errors.isEmpty else { return [] }
        var outputs: [(name: String, value: String)] = []
        if results.count == 1, let fields = results.first?.fields() {
            outputs = ["outcome", "commit", "app_url", "space_url"].map { name in
                (name.replacing("_", with: "-"), fields[name]?.string ?? "")
            }
        } else if results.isEmpty, let error = errors.last {
            outputs = [("outcome", TargetResult.fields(of: error)["outcome"]?.string ?? "")]
        }
        let list = results.map { result in
            JSON.object(["space": .string(result.space.description)] + result.fields(log: false))
        }
        return outputs + [("results", JSON.array(list).text)]
    }

    /// Returns the lines of the annotation of an error.
    private static func annotationLines(of error: DeployError) -> [String] {
        [error.message] + error.details.prefix(40) + (error.hint.map { ["hint: \($0)"] } ?? [])
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

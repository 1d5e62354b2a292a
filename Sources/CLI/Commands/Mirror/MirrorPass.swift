import Deploy
import DeploySettings
import Essentials
import Git
import Reporting
import SpacesModel
import TextTools

/// One pass over all targets.
struct MirrorPass: Sendable {
    private let invocation: Invocation
    private let loaded: ResolvedSettings
    private let context: RunContext
    private let reporter: QuietReporter
    private let link: PassLink
    private let start = Date()

    /// - Parameter link: the connection to the process that started this one.
    init(_ invocation: Invocation, _ link: PassLink) async throws(DeployError) {
        self.link = link
        let (environment, arguments) = (invocation.environment, invocation.arguments)
        let names = arguments.positionals + arguments.values(MirrorCommand.only)
        loaded = try await SettingsLoader(environment, arguments, isUnattended: true).load(names)
        reporter = QuietReporter(
            invocation.reporter, isVerbose: environment.err.isTerminal || arguments.has(.verbose))
        self.invocation = Invocation(
            command: invocation.command, arguments: arguments, environment: environment, reporter: reporter)
        context = try RunContext(self.invocation, loaded)
    }

    /// Acquires the lock of a pass.
    /// - Returns: `nil` if the lock file cannot be used.
    /// - Throws: kind `tryLater`, with the holder of the lock.
    func lock(waiting limit: Duration) async throws(DeployError) -> FileLock? {
        let path = "\(context.cache.path)/mirror-\(context.endpoint.fileName).lock"
        let lock = try await FileLock.acquire(path, for: "these Spaces", waiting: limit) {
            reporter.send(.info("Waiting for another pass: \($0)"))
        }
        if lock == nil {
            reporter.send(.warning("cannot lock \(path): passes may overlap and download everything again"))
        }
        return lock
    }

    /// Runs the pass. The caller must hold the lock, because the state is read here and saved at
    /// the end.
    func run() async throws(DeployError) -> Int {
        loaded.logWarnings(reporter)
        try checkNames()
        let (targets, refused) = loaded.settings.selected
        guard !targets.isEmpty || !refused.isEmpty else { throw loaded.noTargetSelected(by: "mirror") }
        reporter.send(.begin(RunDescription(spaces: targets.map(\.space) + refused.map(\.space))))
        let options = try context.options(from: invocation.arguments)
        let limit = deadline(of: targets)
        link.send(PassMessage(limit: limit / .seconds(1)))
        let mirrorState = MirrorState(in: context.cache.path, at: context.endpoint.fileName)
        reporter.setPreviousFailures(mirrorState.previousFailures(among: targets))
        let pass = PassContext(
            context, mirrorState, reporter, options, within: limit, since: try oldest(), link)
        var reports = await pass.reports(on: targets.filter { !isSuspect($0) })
        reports += await isolatedReports(on: targets.filter { isSuspect($0) }, mirrorState)
        reports += refused.map { context.report(on: $0) }
        return try await conclude(reports, targets, mirrorState)
    }

    private func isolatedReports(on targets: [Target], _ mirrorState: MirrorState) async -> [DeployResult] {
        let reports = await ParallelRunner(width: loaded.operators.jobs).reports(of: targets) {
            await IsolatedTarget(invocation: invocation).report(on: $0)
        }
        for (report, target) in zip(reports, targets) {
            mirrorState.record(report, target, comparedConfiguration: false)
            reporter.send(
                .result(TargetResult(report, RunStatistics(endpoint: context.endpoint.description))))
        }
        return reports
    }

    /// Deploys one target for another process, which holds the lock and writes state, metrics and
    /// notifications.
    func runIsolated() async throws(DeployError) -> Int {
        let targets = loaded.settings.selected.targets
        let options = try context.options(from: invocation.arguments)
        let mirrorState = MirrorState(in: context.cache.path, at: context.endpoint.fileName)
        let pass = PassContext(
            context, mirrorState, reporter, options, within: deadline(of: targets), since: try oldest(), link)
        let reports = await pass.reports(on: targets)
        for report in reports { link.send(PassMessage(report: PassMessage.ReportValue(report))) }
        return DeployResult.exitCode(of: reports)
    }

    private func isSuspect(_ target: Target) -> Bool { link.suspects.contains(target.space.description) }

    /// Rejects names that are not in the settings: they are probably misspelled.
    private func checkNames() throws(DeployError) {
        let sections = loaded.sections
        guard let name = loaded.named.first(where: { !sections.contains($0) }),
            !loaded.layers.flatMap(\.entries).contains(where: {
                $0.section == "space" && $0.subsection == nil && $0.key == "source"
            })
        else { return }
        throw DeployError(
            .usage, "\(name) is not in the settings",
            hint: nearest(name.description, among: sections.map(\.description)).map { "did you mean \($0)?" }
                ?? "add a [space \"\(name)\"] section with its source")
    }

    /// The time limit shared by all targets: the longest timeout of any target.
    private func deadline(of targets: [Target]) -> Duration {
        targets.map(\.timeout).max() ?? .seconds(20 * 60)
    }

    /// Seconds since 1970; targets whose source commit is older are skipped.
    private func oldest() throws(DeployError) -> Int64? {
        try invocation.arguments.duration(MirrorCommand.since).map {
            Int64(Date().timeIntervalSince1970) - $0.components.seconds
        }
    }

    private func conclude(
        _ reports: [DeployResult], _ targets: [Target], _ mirrorState: MirrorState
    ) async throws(DeployError) -> Int {
        let notices = mirrorState.recordOutcomes(reports, targets)
        mirrorState.save()
        let (arguments, environment) = (invocation.arguments, invocation.environment)
        let record = PassReport(reports, reporter.costs, start: start, mirrorState.targetStates)
        let writeError = write(record)
        await WebhookNotifier(context).send(notices)
        warnOfTokenFiles(reports)
        reporter.reportSummary(record)
        if arguments.has(.json) { environment.out.write(record.json.text + "\n") }
        link.send(PassMessage(metrics: record.metrics))
        if let writeError { throw writeError }
        return record.exitCode
    }

    /// Writes the metrics and the log. If one file cannot be written, the other is still written.
    private func write(_ record: PassReport) -> DeployError? {
        var firstError: DeployError?
        for (flag, write) in [
            (MirrorCommand.metricsFile, PassReport.writeMetrics),
            (MirrorCommand.passLog, PassReport.appendLog),
        ] {
            guard let path = invocation.arguments.value(flag) else { continue }
            do throws(DeployError) {
                try write(record)(invocation.environment.absolute(path), path)
            } catch { firstError = firstError ?? error }
        }
        return firstError
    }

    /// A pass that changed nothing prints nothing, so the warning is printed only with other
    /// output.
    private func warnOfTokenFiles(_ reports: [DeployResult]) {
        let isQuiet = reports.allSatisfy { MirrorState.isNoOp($0) && $0.failure == nil }
        guard !isQuiet || invocation.environment.err.isTerminal || invocation.arguments.has(.verbose) else {
            return
        }
        for file in context.tokenFiles.drainOpenFiles() {
            reporter.send(.warning("\(file.message); run \(file.fix)"))
        }
    }
}

/// Deploys one target of a pass in its own process, because the target was being deployed when an
/// earlier process crashed.
struct IsolatedTarget: Sendable {
    let invocation: Invocation

    func report(on target: Target) async -> DeployResult {
        var environment = invocation.environment.variables
        environment[PassLink.roleVariable] = PassLink.Role.target.rawValue
        environment[PassLink.suspectsVariable] = nil
        let end = await PassProcess(
            arguments: PassProcess.arguments(for: invocation.arguments, only: target.space),
            environment: environment,
            inheritsOutput: false
        ).run()
        if let report = end.messages.compactMap(\.report).last { return report.report(on: target.space) }
        return DeployResult(target.space, failure: failure(of: target.space, end))
    }

    private func failure(of space: SpaceID, _ end: PassProcess.End) -> DeployError {
        if Task.isCancelled { return DeployError(.interrupted, "\(space): interrupted") }
        if let failure = end.messages.compactMap(\.failure).last { return failure.failure }
        let cause = end.status.flatMap { ChildProcess.signal(of: $0) }.map(PassProcess.description)
        return DeployError(
            .internalError, "\(space): the process that deployed it \(cause ?? "ended without a result")",
            details: ["the other targets of the pass are not affected"],
            hint: "check its source for unusual input: spacesync check \(space)")
    }
}

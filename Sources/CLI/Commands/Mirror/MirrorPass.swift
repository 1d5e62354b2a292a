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

    /// - Parameter link: to the process that started this one.
    init(_ invocation: Invocation, _ link: PassLink) async throws(DeployError) {
        self.link = link
        let (world, arguments) = (invocation.environment, invocation.arguments)
        let names = arguments.positionals + arguments.values(.only)
        loaded = try await SettingsLoader(world, arguments, isUnattended: true).load(names)
        reporter = QuietReporter(
            invocation.reporter, isVerbose: world.err.isTerminal || arguments.has(.verbose))
        self.invocation = Invocation(
            command: invocation.command, arguments: arguments, environment: world, reporter: reporter)
        context = try RunContext(self.invocation, loaded)
    }

    /// - Throws: kind `tryLater`, with who is at it.
    func lock(waiting limit: Duration) async throws(DeployError) -> FileLock? {
        let path = "\(context.cache.path)/mirror-\(context.endpoint.fileName).lock"
        let lock = try await FileLock.acquire(path, for: "the pass over these Spaces", waiting: limit) {
            reporter.info("waiting for another pass: \($0)")
        }
        if lock == nil {
            reporter.warn("\(path) cannot be locked: passes may overlap, and fetch everything anew")
        }
        return lock
    }

    /// To be called under the lock: what passes remember is read here, and kept at the end.
    func run() async throws(DeployError) -> Int {
        loaded.logWarnings(reporter)
        try checkNames()
        let (targets, refused) = loaded.selected
        guard !targets.isEmpty || !refused.isEmpty else { throw loaded.noTargetSelected(by: "mirror") }
        reporter.beginRun(RunDescription(spaces: targets.map(\.space) + refused.map(\.space)))
        let options = try context.options(from: invocation.arguments)
        let limit = deadline(of: targets)
        link.send(PassMessage(limit: limit / .seconds(1)))
        let memory = MirrorState(in: context.cache.path, at: context.endpoint.fileName)
        reporter.setPreviousFailures(memory.previousFailures(among: targets))
        let round = PassContext(context, memory, reporter, options, within: limit, since: try oldest(), link)
        var reports = await round.reports(on: targets.filter { !isSuspect($0) })
        reports += await isolatedReports(on: targets.filter { isSuspect($0) }, memory)
        reports += refused.map { context.report(on: $0) }
        return try await conclude(reports, targets, memory)
    }

    private func isolatedReports(on targets: [Target], _ mirrorState: MirrorState) async -> [DeployResult] {
        let reports = await ParallelRunner(width: loaded.operators.jobs).reports(of: targets) {
            await IsolatedTarget(invocation: invocation).report(on: $0)
        }
        for (report, target) in zip(reports, targets) {
            mirrorState.record(report, target, comparedConfiguration: false)
            reporter.report(report, RunStatistics(endpoint: context.endpoint.description))
        }
        return reports
    }

    /// One target alone, for another process, which keeps the lock and draws the conclusions.
    func runIsolated() async throws(DeployError) -> Int {
        let targets = loaded.selected.targets
        let options = try context.options(from: invocation.arguments)
        let memory = MirrorState(in: context.cache.path, at: context.endpoint.fileName)
        let round = PassContext(
            context, memory, reporter, options, within: deadline(of: targets), since: try oldest(), link)
        let reports = await round.reports(on: targets)
        for report in reports { link.send(PassMessage(report: PassMessage.ReportValue(report))) }
        return DeployResult.exitCode(of: reports)
    }

    private func isSuspect(_ target: Target) -> Bool { link.suspects.contains(target.space.description) }

    /// A pass is over what the settings name: what they do not is misspelt.
    private func checkNames() throws(DeployError) {
        let known = loaded.sections
        guard let name = loaded.named.first(where: { !known.contains($0) }),
            !loaded.layers.flatMap(\.entries).contains(where: {
                $0.section == "space" && $0.subsection == nil && $0.key == "source"
            })
        else { return }
        throw DeployError(
            .usage, "no section of the settings is \(name)'s",
            hint: nearest(name.description, among: known.map(\.description)).map { "did you mean \($0)?" }
                ?? "write [space \"\(name)\"] with its source into them")
    }

    /// One for all: the longest that any of them may take.
    private func deadline(of targets: [Target]) -> Duration {
        targets.map(\.timeout).max() ?? .seconds(20 * 60)
    }

    /// Seconds since 1970, before which a source's commit is too old to be of interest.
    private func oldest() throws(DeployError) -> Int64? {
        try invocation.arguments.duration(.since).map {
            Int64(Date().timeIntervalSince1970) - $0.components.seconds
        }
    }

    private func conclude(
        _ reports: [DeployResult], _ targets: [Target], _ mirrorState: MirrorState
    ) async throws(DeployError) -> Int {
        let notices = mirrorState.recordOutcomes(reports, targets)
        mirrorState.save()
        let (arguments, world) = (invocation.arguments, invocation.environment)
        let record = PassReport(reports, reporter.costs, start: start, mirrorState.targetStates)
        let unwritten = write(record)
        await WebhookNotifier(context, record).send(notices)
        warnOfTokenFiles(reports)
        reporter.reportSummary(record)
        if arguments.has(.json) { world.out.write(record.json.description + "\n") }
        link.send(PassMessage(metrics: record.metrics))
        if let unwritten { throw unwritten }
        return record.exitCode
    }

    /// Writes the metrics and the log. A file that cannot be written does not keep the others from their reader.
    private func write(_ record: PassReport) -> DeployError? {
        var unwritten: DeployError?
        for (flag, write) in [(Flag.metricsFile, PassReport.writeMetrics), (.passLog, PassReport.appendLog)] {
            guard let path = invocation.arguments.value(flag) else { continue }
            do throws(DeployError) {
                try write(record)(invocation.environment.absolute(path), path)
            } catch { unwritten = unwritten ?? error }
        }
        return unwritten
    }

    /// A pass that changed nothing prints nothing, so the warning comes with those that have something to report.
    private func warnOfTokenFiles(_ reports: [DeployResult]) {
        let isQuiet = reports.allSatisfy { $0.isNoOp && $0.failure == nil }
        guard !isQuiet || invocation.environment.err.isTerminal || invocation.arguments.has(.verbose) else {
            return
        }
        for file in context.tokenFiles.drainOpenFiles() { reporter.warn("\(file.message); run \(file.fix)") }
    }
}

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
    private let loaded: LoadedSettings
    private let workshop: Workshop
    private let voice: MirrorVoice
    private let link: PassLink
    private let start = Date()

    /// - Parameter link: to the process that started this one.
    init(_ invocation: Invocation, _ link: PassLink) async throws(Failure) {
        self.link = link
        let (world, arguments) = (invocation.world, invocation.arguments)
        let names = arguments.words + arguments.values(.only)
        loaded = try await SettingsLoader(world, arguments, isUnattended: true).load(names)
        voice = MirrorVoice(
            invocation.voice, tellsAll: world.err.isTerminal || arguments.has(.verbose))
        self.invocation = Invocation(
            command: invocation.command, arguments: arguments, world: world, voice: voice)
        workshop = try Workshop(self.invocation, loaded)
    }

    /// - Throws: kind `tryLater`, with who is at it.
    func lock(waiting limit: Duration) async throws(Failure) -> FileLock? {
        let path = "\(workshop.cache.path)/mirror-\(workshop.endpoint.fileName).lock"
        let lock = try await FileLock.take(path, for: "the pass over these Spaces", waiting: limit) {
            voice.note("waiting for another pass: \($0)")
        }
        if lock == nil {
            voice.warn("\(path) cannot be locked: passes may overlap, and fetch everything anew")
        }
        return lock
    }

    /// To be called under the lock: what passes remember is read here, and kept at the end.
    func run() async throws(Failure) -> Int {
        loaded.tell(voice)
        try checkNames()
        let (targets, refused) = loaded.chosen
        guard !targets.isEmpty || !refused.isEmpty else { throw loaded.nothingChosen(by: "mirror") }
        voice.expect(Prospect(spaces: targets.map(\.space) + refused.map(\.space)))
        let options = try workshop.options(from: invocation.arguments)
        let limit = deadline(of: targets)
        link.send(PassMessage(limit: limit / .seconds(1)))
        let memory = MirrorMemory(in: workshop.cache.path, at: workshop.endpoint.fileName)
        voice.remember(memory.ills(among: targets))
        let round = MirrorRound(workshop, memory, voice, options, within: limit, since: try oldest(), link)
        var reports = await round.reports(on: targets.filter { !isSuspect($0) })
        reports += await isolatedReports(on: targets.filter { isSuspect($0) }, memory)
        reports += refused.map { workshop.report(on: $0) }
        return try await conclude(reports, targets, memory)
    }

    private func isolatedReports(on targets: [Target], _ memory: MirrorMemory) async -> [Report] {
        let reports = await SideBySide(width: loaded.operators.jobs).reports(of: targets) {
            await IsolatedTarget(invocation: invocation).report(on: $0)
        }
        for (report, target) in zip(reports, targets) {
            memory.note(report, target, comparedState: false)
            voice.report(report, Cost(endpoint: workshop.endpoint.description))
        }
        return reports
    }

    /// One target alone, for another process, which keeps the lock and draws the conclusions.
    func runIsolated() async throws(Failure) -> Int {
        let targets = loaded.chosen.targets
        let options = try workshop.options(from: invocation.arguments)
        let memory = MirrorMemory(in: workshop.cache.path, at: workshop.endpoint.fileName)
        let round = MirrorRound(
            workshop, memory, voice, options, within: deadline(of: targets), since: try oldest(), link)
        let reports = await round.reports(on: targets)
        for report in reports { link.send(PassMessage(report: PassMessage.ReportValue(report))) }
        return Report.exitCode(of: reports)
    }

    private func isSuspect(_ target: Target) -> Bool { link.suspects.contains(target.space.description) }

    /// A pass is over what the settings name: what they do not is misspelt.
    private func checkNames() throws(Failure) {
        let known = loaded.sections
        guard let name = loaded.named.first(where: { !known.contains($0) }),
            !loaded.layers.flatMap(\.entries).contains(where: {
                $0.section == "space" && $0.subsection == nil && $0.key == "source"
            })
        else { return }
        throw Failure(
            .usage, "no section of the settings is \(name)'s",
            hint: nearest(name.description, among: known.map(\.description)).map { "did you mean \($0)?" }
                ?? "write [space \"\(name)\"] with its source into them")
    }

    /// One for all: the longest that any of them may take.
    private func deadline(of targets: [Target]) -> Duration {
        targets.map(\.timeout).max() ?? .seconds(20 * 60)
    }

    /// Seconds since 1970, before which a source's commit is too old to be of interest.
    private func oldest() throws(Failure) -> Int64? {
        try invocation.arguments.duration(.since).map {
            Int64(Date().timeIntervalSince1970) - $0.components.seconds
        }
    }

    private func conclude(
        _ reports: [Report], _ targets: [Target], _ memory: MirrorMemory
    ) async throws(Failure) -> Int {
        let notices = memory.turns(reports, targets)
        memory.keep()
        let (arguments, world) = (invocation.arguments, invocation.world)
        let record = PassRecord(reports, voice.costs, start: start, memory.standings)
        let unwritten = write(record)
        await Notices(workshop, record).send(notices)
        warnOfTokenFiles(reports)
        voice.conclude(record)
        if arguments.has(.json) { world.out.write(record.json.description + "\n") }
        link.send(PassMessage(metrics: record.metrics))
        if let unwritten { throw unwritten }
        return record.exitCode
    }

    /// Writes the metrics and the log. A file that cannot be written does not keep the others from their reader.
    private func write(_ record: PassRecord) -> Failure? {
        var unwritten: Failure?
        for (flag, write) in [(Flag.metricsFile, PassRecord.writeMetrics), (.passLog, PassRecord.appendLog)] {
            guard let path = invocation.arguments.value(flag) else { continue }
            do throws(Failure) {
                try write(record)(invocation.world.absolute(path), path)
            } catch { unwritten = unwritten ?? error }
        }
        return unwritten
    }

    /// A pass that changed nothing prints nothing, so the warning comes with those that have something to report.
    private func warnOfTokenFiles(_ reports: [Report]) {
        let isQuiet = reports.allSatisfy { $0.isAsBefore && $0.failure == nil }
        guard !isQuiet || invocation.world.err.isTerminal || invocation.arguments.has(.verbose) else {
            return
        }
        for file in workshop.tokenFiles.takeOpenFiles() { voice.warn("\(file.message); run \(file.fix)") }
    }
}

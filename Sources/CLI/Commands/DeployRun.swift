import Deploy
import DeploySettings
import Reporting
import SpacesModel
import TextTools

/// One run over the targets of `push` or `plan`.
struct DeployRun: Sendable {
    enum Mode: Sendable { case push, plan }

    let invocation: Invocation
    let mode: Mode

    init(_ invocation: Invocation, _ mode: Mode) { (self.invocation, self.mode) = (invocation, mode) }

    private var arguments: Arguments { invocation.arguments }
    private var voice: any Voice { invocation.voice }

    func run() async throws(Failure) -> Int {
        let promises = try Promises(arguments, invocation.world)
        let names = try promises.names(arguments.words, owner: Accounts(invocation.world).onlyOwner)
        let loaded = try await SettingsLoader(invocation.world, arguments).load(names)
        loaded.tell(voice)
        let (targets, refused) = try await chosen(from: loaded)
        let workshop = try Workshop(invocation, loaded)
        try promises.check(workshop.endpoint)
        let options = try options(workshop)
        let spaces = targets.map(\.space) + refused.map(\.space)
        voice.expect(
            Prospect(
                spaces: spaces, isPlan: mode == .plan, isInOrder: mode == .plan,
                checkouts: loaded.checkouts(of: targets)))
        var reports = await workshop.reports(on: targets) { (target, bench) async throws(Failure) in
            var options = options
            options.promise = promises.record(of: target.space)
            let deployment = try await bench.deployment(options)
            let report = await (mode == .plan ? deployment.plan() : deployment.deploy())
            guard report.outcome == .heldBack, try await wantsAgain(report, workshop) else {
                return report
            }
            (options.isPlan, options.forced) = (false, options.forced.union([.rollback]))
            return await (try await bench.deployment(options)).deploy()
        }
        reports += refused.map { workshop.report(on: $0) }
        try keep(reports, workshop)
        return exitCode(reports)
    }

    private func options(_ workshop: Workshop) throws(Failure) -> DeployOptions {
        var options = try workshop.options(from: arguments)
        options.isPlan = mode == .plan
        options.showsTexts = arguments.has(.diff)
        return options
    }

    /// Asks on a terminal whether a commit that is held back is deployed again. `--yes` does not answer this: the rollback
    /// may be somebody else's. A run for a script is not asked.
    private func wantsAgain(_ report: Report, _ workshop: Workshop) async throws(Failure) -> Bool {
        let silent: [Flag] = [.yes, .dryRun, .out, .exitCode]
        guard !silent.contains(where: arguments.has), let source = report.sourceCommit else { return false }
        let isWanted = await workshop.ask(
            "Deploy \(source.short) to \(report.space) again?", about: report.space)
        guard !Task.isCancelled else { throw Failure(.interrupted, "\(report.space): interrupted") }
        return isWanted
    }

    /// Writes the plans where `--out` says, when all of them were made.
    private func keep(_ reports: [Report], _ workshop: Workshop) throws(Failure) {
        guard let path = arguments.value(.out) else { return }
        let entries = reports.compactMap { report in
            report.isKeepable ? report.record.map { ($0, report.plan) } : nil
        }
        guard entries.count == reports.count else { return voice.note("no plan was written to \(path)") }
        let file = PlanFile(
            spaces: entries.map {
                PlanFile.Entry($0, $1 ?? Plan(changes: []), endpoint: workshop.endpoint.description)
            })
        try file.write(to: invocation.world.absolute(path), named: path)
        let line = "spacesync push --plan \(ReadyLines.quoted(path))"
        voice.note("-----> Plan kept in \(path): \(workshop.lines.complete(line, of: nil))")
    }

    /// The targets that are named, else all that are not manual.
    private func chosen(
        from loaded: LoadedSettings
    ) async throws(Failure) -> (targets: [Target], refused: [RefusedTarget]) {
        let (targets, refused) = loaded.chosen
        guard loaded.named.isEmpty else { return (targets, refused) }
        guard !targets.isEmpty || !refused.isEmpty else {
            throw loaded.nothingChosen(by: mode == .push ? "push" : "plan")
        }
        if targets.count > 1, mode == .push { try await confirm(targets) }
        return (targets, refused)
    }

    private func confirm(_ targets: [Target]) async throws(Failure) {
        guard invocation.world.canAsk, !arguments.has(.yes) else { return }
        targets.forEach { voice.note("  \($0.space)") }
        guard await Question(invocation.world).ask("Deploy to these \(targets.count) Spaces?") else {
            throw Failure(.usage, "nothing was deployed", hint: "name the Spaces that are meant")
        }
    }

    private func exitCode(_ reports: [Report]) -> Int {
        let code = Report.exitCode(of: reports)
        let isPending = reports.contains {
            $0.outcome == .planned && $0.plan?.isDone == false || $0.outcome == .heldBack
        }
        return code == 0 && isPending && arguments.has(.exitCode) ? 10 : code
    }
}

extension Report {
    /// What a guard stands against can be pushed as it was planned, by a push that passes the guard.
    fileprivate var isKeepable: Bool { failure == nil || failure?.kind == .guarded }
}

extension Guard {
    /// `--force` alone passes what a refusal shows without a name; all else is named.
    static func named(_ text: String) throws(Failure) -> Set<Guard> {
        guard !text.isEmpty else { return Guard.plain }
        var guards: Set<Guard> = []
        for word in text.split(separator: ",").map({ String($0) }) {
            guard let named = Guard(rawValue: word) else {
                let known = Guard.allCases.map(\.rawValue)
                let near = nearest(word, among: known).map { "did you mean \($0)?" }
                throw Failure(
                    .usage, "--force=\(word): there is no such guard",
                    hint: near ?? "the guards are \(known.joined(separator: ", "))")
            }
            guards.insert(named)
        }
        return guards
    }
}

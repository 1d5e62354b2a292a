import Deploy
import DeploySettings
import Reporting
import SpacesModel
import TextTools

/// One run over the targets of `push` or `plan`.
struct DeployCommand: Sendable {
    enum Mode: Sendable { case push, plan }

    let invocation: Invocation
    let mode: Mode

    init(_ invocation: Invocation, _ mode: Mode) { (self.invocation, self.mode) = (invocation, mode) }

    private var arguments: Arguments { invocation.arguments }
    private var reporter: any Reporter { invocation.reporter }

    func run() async throws(DeployError) -> Int {
        let promises = try SavedPlans(arguments, invocation.environment)
        let names = try promises.names(
            arguments.positionals, owner: TokenResolver(invocation.environment).onlyOwner)
        let loaded = try await SettingsLoader(invocation.environment, arguments).load(names)
        loaded.logWarnings(reporter)
        let (targets, refused) = try await selectTargets(from: loaded)
        let workshop = try RunContext(invocation, loaded)
        try promises.check(workshop.endpoint)
        let options = try options(workshop)
        let spaces = targets.map(\.space) + refused.map(\.space)
        reporter.beginRun(
            RunDescription(
                spaces: spaces, isPlan: mode == .plan, isInOrder: mode == .plan,
                checkouts: loaded.checkouts(of: targets)))
        var reports = await workshop.reports(on: targets) { (target, bench) async throws(DeployError) in
            var options = options
            options.expectedPlan = promises.record(of: target.space)
            let deployment = try await bench.deployer(options)
            let report = await (mode == .plan ? deployment.plan() : deployment.deploy())
            guard report.outcome == .heldBack, try await confirmRedeploy(report, workshop) else {
                return report
            }
            (options.isPlan, options.overriddenGuards) = (false, options.overriddenGuards.union([.rollback]))
            return await (try await bench.deployer(options)).deploy()
        }
        reports += refused.map { workshop.report(on: $0) }
        try savePlans(reports, workshop)
        return exitCode(reports)
    }

    private func options(_ context: RunContext) throws(DeployError) -> DeployOptions {
        var options = try context.options(from: arguments)
        options.isPlan = mode == .plan
        options.includesDiffs = arguments.has(.diff)
        return options
    }

    /// Asks on a terminal whether a commit that is held back is deployed again. `--yes` does not answer this: the rollback
    /// may be somebody else's. A run for a script is not asked.
    private func confirmRedeploy(_ report: DeployResult, _ context: RunContext) async throws(DeployError)
        -> Bool
    {
        let silent: [Flag] = [.yes, .dryRun, .out, .exitCode]
        guard !silent.contains(where: arguments.has), let source = report.sourceCommit else { return false }
        let isWanted = await context.promptYesNo(
            "Deploy \(source.short) to \(report.space) again?", about: report.space)
        guard !Task.isCancelled else { throw DeployError(.interrupted, "\(report.space): interrupted") }
        return isWanted
    }

    /// Writes the plans where `--out` says, when all of them were made.
    private func savePlans(_ reports: [DeployResult], _ context: RunContext) throws(DeployError) {
        guard let path = arguments.value(.out) else { return }
        let entries = reports.compactMap { report in
            report.isSavable ? report.savedPlan.map { ($0, report.plan) } : nil
        }
        guard entries.count == reports.count else { return reporter.info("no plan was written to \(path)") }
        let file = PlanFile(
            spaces: entries.map {
                PlanFile.Entry($0, $1 ?? Plan(changes: []), endpoint: context.endpoint.description)
            })
        try file.write(to: invocation.environment.absolute(path), named: path)
        let line = "spacesync push --plan \(CommandHints.quoted(path))"
        reporter.info("-----> Plan kept in \(path): \(context.commandHints.complete(line, of: nil))")
    }

    /// The targets that are named, else all that are not manual.
    private func selectTargets(
        from loaded: ResolvedSettings
    ) async throws(DeployError) -> (targets: [Target], refused: [RejectedTarget]) {
        let (targets, refused) = loaded.selected
        guard loaded.named.isEmpty else { return (targets, refused) }
        guard !targets.isEmpty || !refused.isEmpty else {
            throw loaded.noTargetSelected(by: mode == .push ? "push" : "plan")
        }
        if targets.count > 1, mode == .push { try await confirm(targets) }
        return (targets, refused)
    }

    private func confirm(_ targets: [Target]) async throws(DeployError) {
        guard invocation.environment.canAsk, !arguments.has(.yes) else { return }
        targets.forEach { reporter.info("  \($0.space)") }
        guard
            await Prompt(invocation.environment).confirmDefaultNo("Deploy to these \(targets.count) Spaces?")
        else {
            throw DeployError(.usage, "nothing was deployed", hint: "name the Spaces that are meant")
        }
    }

    private func exitCode(_ reports: [DeployResult]) -> Int {
        let code = DeployResult.exitCode(of: reports)
        let isPending = reports.contains {
            $0.outcome == .planned && $0.plan?.isDone == false || $0.outcome == .heldBack
        }
        return code == 0 && isPending && arguments.has(.exitCode) ? 10 : code
    }
}

extension DeployResult {
    /// What a guard stands against can be pushed as it was planned, by a push that passes the guard.
    fileprivate var isSavable: Bool { failure == nil || failure?.kind == .blocked }
}

extension Guard {
    /// `--force` alone passes what a refusal shows without a name; all else is named.
    static func named(_ text: String) throws(DeployError) -> Set<Guard> {
        guard !text.isEmpty else { return Guard.overriddenByPlainForce }
        var guards: Set<Guard> = []
        for word in text.split(separator: ",").map({ String($0) }) {
            guard let named = Guard(rawValue: word) else {
                let known = Guard.allCases.map(\.rawValue)
                let near = nearest(word, among: known).map { "did you mean \($0)?" }
                throw DeployError(
                    .usage, "--force=\(word): there is no such guard",
                    hint: near ?? "the guards are \(known.joined(separator: ", "))")
            }
            guards.insert(named)
        }
        return guards
    }
}

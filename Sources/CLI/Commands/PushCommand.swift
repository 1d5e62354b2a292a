import Deploy
import DeploySettings
import Documentation
import Reporting
import SpacesModel
import TextTools

/// The command `push`, for all selected targets; `plan` and `push --dry-run` run it in another mode.
struct PushCommand: Sendable {
    static let command = Command(
        .push, flags: Flag.target + Flag.push + [.plan]
    ) { (invocation) async throws(DeployError) in
        try await PushCommand(invocation, invocation.arguments.has(.dryRun) ? .plan : .push).run()
    }

    enum Mode: Sendable { case push, plan }

    let invocation: Invocation
    let mode: Mode

    init(_ invocation: Invocation, _ mode: Mode) { (self.invocation, self.mode) = (invocation, mode) }

    private var arguments: Arguments { invocation.arguments }
    private var reporter: any Reporter { invocation.reporter }

    func run() async throws(DeployError) -> Int {
        let savedPlans = try SavedPlans(arguments, invocation.environment)
        let names = try savedPlans.names(
            arguments.positionals, owner: TokenResolver(invocation.environment).onlyOwner)
        let loaded = try await invocation.loadSettings(names)
        let (targets, refused) = loaded.settings.selected
        if loaded.named.isEmpty { try await confirmAll(loaded) }
        let context = try RunContext(invocation, loaded)
        try savedPlans.check(context.endpoint)
        let options = try options(context)
        let spaces = targets.map(\.space) + refused.map(\.space)
        reporter.send(
            .begin(
                RunDescription(
                    spaces: spaces, isPlan: mode == .plan, isInOrder: mode == .plan,
                    checkouts: loaded.checkouts(of: targets))))
        var reports = await ParallelRunner(width: loaded.operators.jobs).reports(of: targets) {
            (target, onPushed) in
            await context.report(on: target, onPushed) { (targetContext) async throws(DeployError) in
                var options = options
                options.expectedPlan = savedPlans.record(of: target.space)
                let (deployer, _) = try await targetContext.deployer(options)
                let report = await (mode == .plan ? deployer.plan() : deployer.deploy())
                guard report.outcome == .heldBack, try await confirmRedeploy(report, context) else {
                    return report
                }
                (options.isPlan, options.overriddenGuards) = (
                    false, options.overriddenGuards.union([.rollback])
                )
                return await (try await targetContext.deployer(options)).deployer.deploy()
            }
        }
        reports += refused.map { context.report(on: $0) }
        try savePlans(reports, context)
        let code = DeployResult.exitCode(of: reports)
        return code == 0 && arguments.has(.exitCode) && hasPendingChanges(reports) ? 10 : code
    }

    private func options(_ context: RunContext) throws(DeployError) -> DeployOptions {
        var options = try context.options(from: arguments)
        options.isPlan = mode == .plan
        options.includesDiffs = arguments.has(.diff)
        return options
    }

    /// Asks on a terminal whether to deploy a commit again that is held back since a rollback.
    /// `--yes` does not answer this prompt, because another user may have rolled back. Flags for
    /// scripts suppress it.
    private func confirmRedeploy(_ report: DeployResult, _ context: RunContext) async throws(DeployError)
        -> Bool
    {
        let scriptFlags: [Flag] = [.yes, .dryRun, .out, .exitCode]
        guard !scriptFlags.contains(where: arguments.has), let source = report.sourceCommit else {
            return false
        }
        let isConfirmed = await context.confirm(
            "Deploy \(source.short) to \(report.space) again?", about: report.space)
        guard !Task.isCancelled else { throw DeployError(.interrupted, "\(report.space): interrupted") }
        return isConfirmed == true
    }

    /// Writes the plans to the file of `--out`, if all of them were made.
    private func savePlans(_ reports: [DeployResult], _ context: RunContext) throws(DeployError) {
        guard let path = arguments.value(.out) else { return }
        let entries = reports.compactMap { report in
            isSavable(report) ? report.savedPlan.map { ($0, report.plan) } : nil
        }
        guard entries.count == reports.count else {
            return reporter.send(.info("no plan was saved to \(path)"))
        }
        let file = PlanFile(
            spaces: entries.map {
                PlanFile.Entry($0, $1 ?? Plan(changes: []), endpoint: context.endpoint.description)
            })
        try file.write(to: invocation.environment.absolute(path), named: path)
        let line = "spacesync push --plan \(CommandHints.quoted(path))"
        reporter.send(
            .info("-----> Plan saved to \(path); to push it: \(context.commandHints.complete(line, of: nil))")
        )
    }

    /// Whether the plan can be saved. A plan blocked by a guard can: a later push may override the
    /// guard.
    private func isSavable(_ report: DeployResult) -> Bool {
        report.failure == nil || report.failure?.kind == .blocked
    }

    /// Checks a run that names no Space: asks before it deploys to several.
    private func confirmAll(_ loaded: ResolvedSettings) async throws(DeployError) {
        let (targets, refused) = loaded.settings.selected
        guard !targets.isEmpty || !refused.isEmpty else {
            throw loaded.noTargetSelected(by: mode == .push ? "push" : "plan")
        }
        if targets.count > 1, mode == .push { try await confirm(targets) }
    }

    private func confirm(_ targets: [Target]) async throws(DeployError) {
        guard invocation.environment.canAsk, !arguments.has(.yes) else { return }
        targets.forEach { reporter.send(.info("  \($0.space)")) }
        guard
            await Prompt(invocation.environment).confirmDefaultNo("Deploy to these \(targets.count) Spaces?")
        else {
            throw DeployError(
                .usage, "nothing was deployed", hint: "specify the Spaces: spacesync push SPACE…",
                cause: .declined)
        }
    }

    private func hasPendingChanges(_ reports: [DeployResult]) -> Bool {
        reports.contains { $0.outcome == .planned && $0.plan?.isDone == false || $0.outcome == .heldBack }
    }
}

extension Guard {
    /// Returns the guards that `--force` overrides: the listed ones or, without a list,
    /// `overriddenByPlainForce`.
    /// - Throws: kind `usage` for an unknown guard.
    static func named(_ text: String) throws(DeployError) -> Set<Guard> {
        guard !text.isEmpty else { return Guard.overriddenByPlainForce }
        var guards: Set<Guard> = []
        for name in text.split(separator: ",").map({ String($0) }) {
            guard let knownGuard = Guard(rawValue: name) else {
                let known = Guard.allCases.map(\.rawValue)
                let near = nearest(name, among: known).map { "did you mean \($0)?" }
                throw DeployError(
                    .usage, "--force=\(name): unknown guard",
                    hint: near ?? "use one of: \(known.joined(separator: ", "))")
            }
            guards.insert(knownGuard)
        }
        return guards
    }
}

import Deploy
import DeploySettings
import Git
import Reporting
import SpacesModel

/// The deploys of one push, which may be of several branches.
struct HookDeployRunner: Sendable {
    private let invocation: Invocation
    private let pushes: [RefUpdate]
    private let reporter: HookReporter
    /// A build is followed to its end; false where the pusher would have to wait for it.
    private let followsBuild: Bool

    /// - Parameter story: where it is kept what came of it; nil: nowhere.
    init(_ invocation: Invocation, _ pushes: [RefUpdate], keeping hookLog: HookLog?, followsBuild: Bool) {
        reporter = HookReporter(invocation.reporter, keeping: hookLog)
        self.invocation = Invocation(
            command: invocation.command, arguments: invocation.arguments, environment: invocation.environment,
            reporter: reporter)
        (self.pushes, self.followsBuild) = (pushes, followsBuild)
    }

    /// Says what ends it, and throws nothing: the push that called it has been received.
    func run() async {
        var (found, said): (HookDeploys, Set<DeployError>) = (HookDeploys(), [])
        for push in pushes {
            do throws(DeployError) { try await collectDeploys(push, &found) } catch {
                var failure = error
                failure.hint =
                    error.hint ?? "nothing was deployed; mend it, then push a commit, or \(redeployHint)"
                reporter.begin([HookOutcome.Entry(push, endedBy: failure)])
                // Two branches at one commit have one fault.
                if said.insert(failure).inserted { reporter.fail(failure) }
            }
        }
        guard !found.isEmpty else { return reporter.end() }
        found.warnings.forEach(reporter.warn)
        logMissedResults(of: found)
        reporter.begin(found.entries)
        await run(found)
        reporter.end()
    }

    /// What deploys without a push: nothing new to push calls no hook.
    private var redeployHint: String {
        "run on the server: spacesync push --source \(CommandHints.quoted(invocation.environment.directory))"
    }

    private func collectDeploys(_ push: RefUpdate, _ found: inout HookDeploys) async throws(DeployError) {
        guard let name = push.name else { return }
        // A deleted branch has no settings of its own left: those at HEAD tell whether it was bound.
        let pushed = push.isDeletion ? nil : push.new.description
        var loader = SettingsLoader(invocation.environment, invocation.arguments, pushedCommit: pushed)
        loader.isInHook = true
        let loaded = try await loader.load([])
        loaded.logWarnings(reporter)
        let head = await loaded.currentRepository?.source.headName()
        let targets = loaded.targets.filter { $0.isBound(toAnyOf: push.names, head: head) }
        let foreign = loaded.refused.filter { $0.isBound(toAnyOf: push.names, head: head) }
        guard !targets.isEmpty || !foreign.isEmpty else { return }
        guard pushed != nil else { return reporter.info("-----> \(name) was deleted; no Space is touched") }
        let options = PushOptions(invocation.environment.variables, allowsForce: loaded.operators.allowForce)
        guard !options.skips else {
            let spaces = (targets.map(\.space) + foreign.map(\.space)).map(\.description).joined(
                separator: ", ")
            return reporter.info("-----> \(name) was pushed with spacesync.skip: nothing goes to \(spaces)")
        }
        found.warnings = options.warnings
        try await addDeploys(targets, foreign, of: push, named: name, loaded, options, to: &found)
    }

    private func addDeploys(
        _ targets: [Target], _ foreign: [RejectedTarget], of push: RefUpdate, named name: String,
        _ loaded: ResolvedSettings, _ options: PushOptions, to found: inout HookDeploys
    ) async throws(DeployError) {
        let workshop = try RunContext(invocation, loaded)
        let server = PusherHints(
            directory: invocation.environment.directory, isBranch: push.isBranch,
            acceptsPushOptions: await loaded.currentRepository?.source.isSet("receive.advertisePushOptions")
                ?? false,
            allowsForce: loaded.operators.allowForce)
        found.deploys += targets.map { target in
            var shop = workshop
            shop.commandHints = CommandHints(pushed: target, as: name, to: server)
            return HookDeploy(target: target, push: push, options: options, context: shop)
        }
        found.refused += foreign.map { HookDeploys.Refusal(target: $0, push: push, context: workshop) }
    }

    /// What went wrong after the pusher before was free, and nobody has told anyone yet.
    private func logMissedResults(of found: HookDeploys) {
        let past = HookHistory(of: invocation.environment.directory, invocation.environment)
        for space in Set(found.deploys.map(\.target.space)).sorted() {
            guard let last = past.last(of: space), last.isUnreported, !last.isRunning else { continue }
            reporter.info(
                "note: the deploy of \(last.entry.source.prefix(7)) before this one, \(last.age): \(last.state)"
            )
            last.markReported()
        }
    }

    /// Side by side; where a branch and a tag of one name go to one Space, one after the other.
    private func run(_ found: HookDeploys) async {
        for refusal in found.refused.prefix(Self.refusalLimit) {
            _ = refusal.context.report(on: refusal.target)
        }
        if found.refused.count > Self.refusalLimit {
            reporter.info(
                "… \(found.refused.count - Self.refusalLimit) more sections of .spacesync are refused; "
                    + "run `spacesync check` to list them")
        }
        for round in found.batches {
            let isPlan = round.first?.options.plans ?? false
            reporter.beginRun(
                RunDescription(spaces: round.map(\.target.space), isPlan: isPlan, isInOrder: isPlan))
            let width = round.first?.context.loaded.operators.jobs ?? 1
            _ = await ParallelRunner(width: width).reports(of: round) { await deploy($0, $1) }
        }
    }

    /// Refused sections that one push reports in full.
    private static let refusalLimit = 100
    private static let maxTimeout = Duration.seconds(2 * 3600)

    private func deploy(
        _ deploy: HookDeploy, _ onPushed: @escaping @Sendable () async -> Void
    ) async -> DeployResult {
        var options = deploy.context.options
        (options.overriddenGuards, options.isPlan) = (deploy.options.overriddenGuards, deploy.options.plans)
        options.waits = followsBuild && deploy.options.waits
        let isForced = await deploy.isForced
        options.wasMovedBack = { _ in isForced }
        options.newerRun = { await deploy.newerRun() }
        let settled = options
        var target = deploy.target
        // A travelling file may say a month, and nobody stands by to end it.
        target.timeout = min(target.timeout, Self.maxTimeout)
        return await deploy.context.report(on: target, onPushed) { (bench) async throws(DeployError) in
            let deployment = try await bench.deployer(settled)
            return settled.isPlan ? await deployment.plan() : await deployment.deploy()
        }
    }
}

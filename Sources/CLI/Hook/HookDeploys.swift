import Deploy
import DeploySettings
import Essentials
import Git
import Reporting
import SpacesModel

/// Runs the deploys of one push, which may be of several branches.
struct HookDeployRunner: Sendable {
    private let invocation: Invocation
    private let pushes: [RefUpdate]
    private let reporter: HookReporter
    /// Whether a build is watched to its end; false if the pusher would have to wait for it.
    private let followsBuild: Bool

    /// - Parameter hookLog: the log that the outcomes are recorded in; `nil` if they are not
    /// recorded.
    init(_ invocation: Invocation, _ pushes: [RefUpdate], keeping hookLog: HookLog?, followsBuild: Bool) {
        reporter = HookReporter(invocation.reporter, keeping: hookLog)
        self.invocation = Invocation(
            command: invocation.command, arguments: invocation.arguments, environment: invocation.environment,
            reporter: reporter)
        (self.pushes, self.followsBuild) = (pushes, followsBuild)
    }

    /// Runs all deploys. Errors are printed and not thrown, because the push has been received
    /// already.
    func run() async {
        var (hookDeploys, reported): (HookDeploys, Set<DeployError>) = (HookDeploys(), [])
        for push in pushes {
            do throws(DeployError) { try await collectDeploys(push, &hookDeploys) } catch {
                var failure = error
                failure.hint =
                    error.hint
                    ?? "nothing was deployed; fix the problem, then push a commit, or \(redeployHint)"
                reporter.begin([HookOutcome.Entry(push, endedBy: failure)])
                // Two branches at one commit have the same error.
                if reported.insert(failure).inserted { reporter.send(.error(failure)) }
            }
        }
        guard !hookDeploys.isEmpty else { return reporter.end() }
        hookDeploys.warnings.forEach { reporter.send(.warning($0)) }
        logMissedResults(of: hookDeploys)
        reporter.begin(hookDeploys.entries)
        await run(hookDeploys)
        reporter.end()
    }

    /// The command that deploys without a push: git calls no hook if there is nothing new to push.
    private var redeployHint: String {
        "run on the server: spacesync push --source \(CommandHints.quoted(invocation.environment.directory))"
    }

    private func collectDeploys(_ push: RefUpdate, _ hookDeploys: inout HookDeploys) async throws(DeployError)
    {
        guard let name = push.name else { return }
        // A deleted branch has no settings; the settings at HEAD tell whether it was bound.
        let pushed = push.isDeletion ? nil : push.new.description
        var loader = SettingsLoader(invocation.environment, invocation.arguments, pushedCommit: pushed)
        loader.isInHook = true
        let loaded = try await loader.load([])
        loaded.logWarnings(reporter)
        let head = await loaded.currentRepository?.source.headName()
        let targets = loaded.targets.filter {
            BranchBindings.binds($0, toAnyOf: push.names, head: head)
        }
        let rejected = loaded.refused.filter { $0.isBound(toAnyOf: push.names, head: head) }
        guard !targets.isEmpty || !rejected.isEmpty else { return }
        guard pushed != nil else {
            return reporter.send(.info("-----> \(name) was deleted; no Space is changed"))
        }
        let options = PushOptions(invocation.environment.variables, allowsForce: loaded.operators.allowForce)
        guard !options.skips else {
            let spaces = (targets.map(\.space) + rejected.map(\.space)).map(\.description).joined(
                separator: ", ")
            return reporter.send(
                .info("-----> \(name) was pushed with spacesync.skip: nothing is deployed to \(spaces)"))
        }
        hookDeploys.warnings = options.warnings
        try await addDeploys(targets, rejected, of: push, named: name, loaded, options, to: &hookDeploys)
    }

    private func addDeploys(
        _ targets: [Target], _ rejected: [RejectedTarget], of push: RefUpdate, named name: String,
        _ loaded: ResolvedSettings, _ options: PushOptions, to hookDeploys: inout HookDeploys
    ) async throws(DeployError) {
        let context = try RunContext(invocation, loaded)
        let hints = PusherHints(
            directory: invocation.environment.directory, isBranch: push.isBranch,
            acceptsPushOptions: await loaded.currentRepository?.source.isSet("receive.advertisePushOptions")
                ?? false,
            allowsForce: loaded.operators.allowForce)
        hookDeploys.deploys += targets.map { target in
            var deployContext = context
            deployContext.commandHints = CommandHints(pushed: target, as: name, to: hints)
            return HookDeploy(target: target, push: push, options: options, context: deployContext)
        }
        hookDeploys.refused += rejected.map { HookDeploys.Refusal(target: $0, push: push, context: context) }
    }

    /// Prints failures of earlier deploys in the background that have not been reported to anyone
    /// yet.
    private func logMissedResults(of hookDeploys: HookDeploys) {
        let history = HookHistory(of: invocation.environment.directory, invocation.environment)
        for space in Set(hookDeploys.deploys.map(\.target.space)).sorted() {
            guard let last = history.last(of: space), last.isUnreported, !last.isRunning else { continue }
            reporter.send(
                .info(
                    "note: the previous deploy (\(last.entry.source.prefix(7)), \(last.age)): \(last.state)"
                ))
            last.markReported()
        }
    }

    /// Runs each batch in parallel, and the batches one after the other: a branch and a tag of one
    /// name may be bound to the same Space.
    private func run(_ hookDeploys: HookDeploys) async {
        for refusal in hookDeploys.refused.prefix(Self.refusalLimit) {
            _ = refusal.context.report(on: refusal.target)
        }
        if hookDeploys.refused.count > Self.refusalLimit {
            reporter.send(
                .info(
                    "… \(hookDeploys.refused.count - Self.refusalLimit) more sections of .spacesync are refused; "
                        + "run `spacesync check` to list them"))
        }
        for batch in hookDeploys.batches {
            let isPlan = batch.first?.options.plans ?? false
            reporter.send(
                .begin(
                    RunDescription(spaces: batch.map(\.target.space), isPlan: isPlan, isInOrder: isPlan)))
            let width = batch.first?.context.loaded.operators.jobs ?? 1
            _ = await ParallelRunner(width: width).reports(of: batch) { await deploy($0, $1) }
        }
    }

    /// The maximum number of refused sections that are printed for one push.
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
        let deployOptions = options
        var target = deploy.target
        // A .spacesync file may set any timeout, and a background process has no user to end it.
        target.timeout = min(target.timeout, Self.maxTimeout)
        return await deploy.context.report(on: target, onPushed) {
            (targetContext) async throws(DeployError) in
            let (deployer, _) = try await targetContext.deployer(deployOptions)
            return deployOptions.isPlan ? await deployer.plan() : await deployer.deploy()
        }
    }
}

/// A deploy of a pushed branch to a Space.
struct HookDeploy: Sendable {
    var target: Target
    var push: RefUpdate
    var options: PushOptions
    var context: RunContext

    var entry: HookOutcome.Entry {
        var entry = HookOutcome.Entry(target.space, push)
        entry.page = "\(context.endpoint)/spaces/\(target.space)"
        return entry
    }

    /// Whether the new commit of the branch does not descend from the old one (a forced push).
    var isForced: Bool {
        get async {
            guard let source = context.loaded.currentRepository?.source, !push.old.isZero else {
                return false
            }
            return await !source.descends(push.new, from: push.old)
        }
    }

    /// The reason why this push is superseded; `nil` if it is not. The newest push of a branch is
    /// deployed by its own hook.
    func newerRun() async -> String? {
        guard let source = context.loaded.currentRepository?.source else { return nil }
        let (tip, name) = (await source.tip(of: push.ref), push.name ?? push.ref)
        guard tip != push.new else { return nil }
        return tip.map { "a newer push of \(name) (\($0.short)) replaces \(push.new.short)" }
            ?? "\(name) was deleted in the meantime"
    }
}

/// The deploys, refused targets and warnings of a push.
struct HookDeploys: Sendable {
    var deploys: [HookDeploy] = []
    var refused: [Refusal] = []
    /// Warnings about the push options; the same for all branches.
    var warnings: [String] = []

    struct Refusal: Sendable {
        var target: RejectedTarget
        var push: RefUpdate
        var context: RunContext
    }

    var isEmpty: Bool { deploys.isEmpty && refused.isEmpty }

    var entries: [HookOutcome.Entry] {
        deploys.map(\.entry) + refused.map { HookOutcome.Entry($0.target.space, $0.push) }
    }

    /// Batches of deploys that can run in parallel: each Space occurs at most once per batch.
    var batches: [[HookDeploy]] {
        var batches: [[HookDeploy]] = []
        for deploy in deploys {
            let index = batches.firstIndex { !$0.contains { $0.target.space == deploy.target.space } }
            if let index { batches[index].append(deploy) } else { batches.append([deploy]) }
        }
        return batches
    }
}

extension HookOutcome.Entry {
    init(_ space: SpaceID, _ push: RefUpdate) {
        self.init(space: space.description, branch: push.name ?? push.ref, source: push.new.description)
    }

    /// The entry of a push that failed before its Spaces were known.
    init(_ push: RefUpdate, endedBy failure: DeployError) {
        self.init(space: "", branch: push.name ?? push.ref, source: push.new.description)
        outcome = DeployResult.Outcome(of: failure.kind).rawValue
        (exit, ended) = (failure.kind.exitCode, Date().timeIntervalSince1970)
        message = ([failure.message] + failure.details.prefix(1)).joined(separator: ": ")
    }
}

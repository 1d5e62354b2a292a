import Deploy
import DeploySettings
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
                    error.hint ?? "nothing was deployed; mend it, then push a commit, or \(redeployHint)"
                reporter.begin([HookOutcome.Entry(push, endedBy: failure)])
                // Two branches at one commit have the same error.
                if reported.insert(failure).inserted { reporter.fail(failure) }
            }
        }
        guard !hookDeploys.isEmpty else { return reporter.end() }
        hookDeploys.warnings.forEach(reporter.warn)
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
        let targets = loaded.targets.filter { $0.isBound(toAnyOf: push.names, head: head) }
        let rejected = loaded.refused.filter { $0.isBound(toAnyOf: push.names, head: head) }
        guard !targets.isEmpty || !rejected.isEmpty else { return }
        guard pushed != nil else { return reporter.info("-----> \(name) was deleted; no Space is touched") }
        let options = PushOptions(invocation.environment.variables, allowsForce: loaded.operators.allowForce)
        guard !options.skips else {
            let spaces = (targets.map(\.space) + rejected.map(\.space)).map(\.description).joined(
                separator: ", ")
            return reporter.info("-----> \(name) was pushed with spacesync.skip: nothing goes to \(spaces)")
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
            reporter.info(
                "note: the deploy of \(last.entry.source.prefix(7)) before this one, \(last.age): \(last.state)"
            )
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
            reporter.info(
                "… \(hookDeploys.refused.count - Self.refusalLimit) more sections of .spacesync are refused; "
                    + "run `spacesync check` to list them")
        }
        for batch in hookDeploys.batches {
            let isPlan = batch.first?.options.plans ?? false
            reporter.beginRun(
                RunDescription(spaces: batch.map(\.target.space), isPlan: isPlan, isInOrder: isPlan))
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
            let deployer = try await targetContext.deployer(deployOptions)
            return deployOptions.isPlan ? await deployer.plan() : await deployer.deploy()
        }
    }
}

/// Adapts hints for a pusher: overriding a guard becomes a push option of the next push.
struct PusherHints: Sendable {
    /// The repository on the server.
    var directory: String
    /// Whether a branch was pushed; a tag is not pushed again with an empty commit.
    var isBranch: Bool
    /// Whether the server accepts push options.
    var acceptsPushOptions: Bool
    /// Whether the operator allows pushers to override guards.
    var allowsForce: Bool

    /// Rewrites a hint of the form `…: spacesync push owner/name … --force=NAMES` for a pusher.
    /// Other hints are returned unchanged.
    func complete(_ line: String) -> String {
        guard let call = line.firstRange(of: "spacesync push "), let flag = line.firstRange(of: " --force="),
            call.lowerBound < flag.lowerBound
        else { return line }
        let (reason, names) = (line[..<call.lowerBound], line[flag.upperBound...].prefix { $0 != " " })
        let command = "\(line[call.lowerBound...]) --source \(CommandHints.quoted(directory))"
        guard allowsForce else {
            return
                "\(reason)who runs this repository decides (spacesync.allowForce = false), on the server: \(command)"
        }
        guard isBranch, acceptsPushOptions else { return "\(reason)on the server: \(command)" }
        // An empty commit is needed: git calls no hook if there is nothing new to push.
        return "\(reason)git commit --allow-empty -m 'Deploy again' && git push -o spacesync.force=\(names)\n"
            + "or without a push, on the server: \(command)"
    }
}

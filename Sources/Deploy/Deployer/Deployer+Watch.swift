import DeploySettings
import SpacesModel

extension Deployer {
    /// Returns the Space's record; `nil` if it cannot be read (the Space does not exist yet, the API
    /// is down).
    func info() async -> SpaceInfo? {
        do { return try await builds.info() } catch { return nil }
    }

    func appURL(_ before: SpaceInfo?) async -> String? {
        if let url = before?.appURL { return url }
        return await info()?.appURL
    }

    /// Reports the push and follows the build, unless `--no-wait` is given. Only `main` is built.
    func waitUntilRunning(_ prepared: PreparedDeploy, _ before: SpaceInfo?, _ report: inout DeployResult)
        async throws(DeployError)
    {
        guard let commit = prepared.commit else { return }
        report.outcome = .pushed
        report.hint = "spacesync watch \(target.space)"
        if target.rebuild {
            emit(.step("Rebuilding from scratch (factory)"))
            _ = try await builds.restart(factory: true)
        }
        guard warnUnlessMain(&report) else { return }
        guard options.waits else { return }
        let stopwatch = Stopwatch(clock)
        try await recordingOutcome(of: commit, &report) { (report) async throws(DeployError) in
            try await watchBuild(commit, from: before?.runtime, pushed: true, &report)
            try await probe(prepared.snapshot, after: stopwatch.elapsed(), &report)
        }
    }

    /// Confirms that the Space runs the tree that it already has. The outcome is `unchanged` only if
    /// the app runs, or its build is still in progress and not watched (design 4.5).
    func confirmRunning(_ prepared: PreparedDeploy, _ before: SpaceInfo?, _ report: inout DeployResult)
        async throws(DeployError)
    {
        report.outcome = .unchanged
        guard warnUnlessMain(&report), let commit = prepared.commit else { return }
        var info = before
        // A record of another head, or without a runtime, is outdated and must be fetched again.
        if info?.sha != commit || info?.runtime == nil { info = await self.info() }
        guard let info else { return }
        (report.appURL, report.stage) = (info.appURL, info.runtime?.stage)
        guard let runtime = info.runtime else { return }
        // An earlier failure must not pass as success because there is nothing to push.
        if runtime.isRunning(with: commit) {
            guard options.waits, options.probesWhenUnchanged else { return }
            return try await recordingOutcome(of: commit, &report) { (report) async throws(DeployError) in
                try await probe(prepared.snapshot, after: .zero, &report)
            }
        }
        guard options.waits || !runtime.stage.isInProgress else { return }
        emit(.detail("nothing to push; the Space is \(runtime.stage)"))
        let (isRecent, stopwatch) = (wasJustPushed(prepared.state.head), Stopwatch(clock))
        do throws(DeployError) {
            try await recordingOutcome(of: commit, &report) { (report) async throws(DeployError) in
                try await watchBuild(commit, from: isRecent ? runtime : nil, pushed: isRecent, &report)
                try await probe(prepared.snapshot, after: stopwatch.elapsed(), &report)
            }
        } catch {
            throw addingRebuildHint(error)
        }
        if [.deployed, .pushed].contains(report.outcome) { report.outcome = .unchanged }
    }

    /// Returns whether another run pushed the head less than 60 seconds ago: the Hub's report may
    /// still be about the commit before.
    private func wasJustPushed(_ head: Commit?) -> Bool {
        guard let time = head?.commitTime else { return false }
        let (age, isOverflow) = options.now().subtractingReportingOverflow(time)
        return !isOverflow && (0..<60).contains(age)
    }

    /// Adds a hint to rebuild: nothing was pushed, so the failure may have a cause outside the source
    /// (the network, a package index).
    private func addingRebuildHint(_ failure: DeployError) -> DeployError {
        guard failure.kind == .failed, let hint = failure.hint else { return failure }
        var failure = failure
        failure.hint = "\(hint)\nto build the same again: spacesync push \(target.space) --rebuild"
        return failure
    }

    /// Returns whether the branch is `main`, the only one that is built and shown; warns if it is
    /// another.
    private func warnUnlessMain(_ report: inout DeployResult) -> Bool {
        let branch = target.spaceBranch
        guard branch != "main" else { return true }
        emit(.warning("the app shows the branch main alone: \(branch) is stored, neither built nor shown"))
        report.hint = "to show it: spacesync push \(target.space) --branch \(target.revision ?? ""):main"
        return false
    }

    /// Follows the build, wakes an inactive Space if `wake` is set, and applies the outcome to the
    /// report.
    func watchBuild(
        _ commit: ObjectID, from previous: Runtime?, pushed: Bool, _ report: inout DeployResult
    ) async throws(DeployError) {
        // A push does not wake a Space that its owner paused, so there is no build to wait for.
        if previous?.stage == .paused, !target.rebuild {
            guard target.wake else { return reportPaused(&report) }
            return try report.apply(try await wake(commit))
        }
        emit(.step("Watching \(target.space)"))
        var outcome = try await watch(commit, from: previous, pushed: pushed)
        if outcome.stage?.isInactive == true, target.wake { outcome = try await wake(commit) }
        try report.apply(outcome)
    }

    /// Reports a push to a paused Space: only its owner can wake it.
    private func reportPaused(_ report: inout DeployResult) {
        (report.outcome, report.stage) = (.pushed, .paused)
        emit(.detail("\(target.space) is paused: the commit is there, and not built"))
        report.hint = WatchOutcome.Kind.paused.hint(for: target.space)
    }

    private func wake(_ commit: ObjectID) async throws(DeployError) -> WatchOutcome {
        emit(.step("Waking \(target.space)"))
        return try await watch(commit, from: try await builds.restart(factory: false), pushed: false)
    }

    private func watch(
        _ commit: ObjectID, from previous: Runtime?, pushed: Bool
    ) async throws(DeployError) -> WatchOutcome {
        do throws(DeployError) {
            return try await Deploy.watch(
                builds, for: commit, of: target.space, previous: previous, pushed: pushed,
                limit: target.timeout, activeWatchCount: options.activeWatchCount, clock: clock, emit: emit)
        } catch { throw unobservedError(error, commit) }
    }

    /// Returns the error to report if the Hub's state of a commit that is already on the Space can't
    /// be read: neither the push nor the build failed, so the exit code is 75 whatever the Hub's
    /// response was (401, 404, a web page).
    func unobservedError(_ failure: DeployError, _ commit: ObjectID?) -> DeployError {
        guard let commit, [.permissionDenied, .refused, .tryLater].contains(failure.kind) else {
            return failure
        }
        return DeployError(
            .tryLater,
            "\(target.space) has the commit \(commit.short), but the state of its build is not known",
            details: [failure.message] + failure.details,
            hint: "run `spacesync watch \(target.space)` to follow it", cause: .unobserved)
    }
}

extension Runtime {
    /// Whether the app runs this commit. A runtime without a commit id counts as running it.
    func isRunning(with commit: ObjectID) -> Bool { stage == .running && (sha == nil || sha == commit) }
}

extension DeployResult {
    /// Applies the outcome of a watch.
    /// - Throws: the outcome's error, if it is a failure.
    mutating func apply(_ outcome: WatchOutcome) throws(DeployError) {
        stage = outcome.stage ?? stage
        appURL = outcome.appURL ?? appURL
        hint = outcome.hint
        if let failure = outcome.failure { throw failure }
        self.outcome =
            switch outcome.kind {
            case .running: .deployed
            case .superseded: .superseded
            default: .pushed
            }
    }
}

/// Follows the build of the Space's head commit without a push (the `watch` command).
package func watchHead(
    of target: Target, _ builds: some SpaceRuntimeService, clock: some Clock<Duration> = ContinuousClock(),
    storing outcomes: any OutcomeStoring = NoOutcomes(), emit: @escaping EventHandler
) async -> DeployResult {
    var result = DeployResult(target.space, .failed)
    result.isObservation = true
    do throws(DeployError) {
        let info = try await builds.info()
        (result.appURL, result.stage, result.commit) = (info.appURL, info.runtime?.stage, info.sha)
        guard let commit = info.sha else {
            throw DeployError(
                .refused, "\(target.space) holds no commit yet", hint: "spacesync push \(target.space)")
        }
        let outcome = try await watch(
            builds, for: commit, of: target.space, previous: info.runtime, pushed: false,
            limit: target.timeout,
            clock: clock, emit: emit)
        // If the target has probes, they decide whether the Space counts as running.
        if outcome.kind == .running, target.probes.isEmpty { outcomes.record(.ran, of: commit) }
        if outcome.failure?.kind == .failed, outcome.stage?.isBroken == true {
            outcomes.record(.failed, of: commit)
        }
        try result.apply(outcome)
    } catch {
        result.outcome = DeployResult.Outcome(of: error.kind)
        result.failure = error
    }
    return result
}

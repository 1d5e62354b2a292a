import DeploySettings
import SpacesModel

/// The steps after a push: following the build, and probing the app (design 4.5, 4.8).
extension Deployer {
    /// Returns the Space's record; `nil` if it cannot be read (the Space does not exist yet, the API
    /// is down).
    func info() async -> SpaceInfo? {
        do { return try await environment.runtime.info() } catch { return nil }
    }

    func appURL(_ before: SpaceInfo?) async -> String? {
        if let url = before?.appURL { return url }
        return await info()?.appURL
    }

    /// Follows the build of a pushed commit and probes the app, unless `--no-wait` is given. Only `main`
    /// is built.
    func watchPush(of deploy: PreparedDeploy, _ before: SpaceInfo?, _ result: inout DeployResult)
        async throws(DeployError) -> DeployResult.Outcome
    {
        guard let commit = deploy.commit else { return .pushed }
        result.isOnSpace = true
        result.hint = "spacesync watch \(target.space)"
        if target.rebuild {
            emit(.step("Rebuilding from scratch (factory)"))
            _ = try await environment.runtime.restart(factory: true)
        }
        guard warnUnlessMain(&result), options.waits else { return .pushed }
        return try await watchAndProbe(deploy.source, commit, from: before?.runtime, pushed: true, &result)
    }

    /// Watches the restart of the Space after configuration changes without a push.
    func watchRestart(_ deploy: PreparedDeploy, _ before: SpaceInfo?, _ result: inout DeployResult)
        async throws(DeployError) -> DeployResult.Outcome
    {
        guard let commit = deploy.commit, deploy.isRestarted, options.waits, target.spaceBranch == "main"
        else { return .deployed }
        if before?.runtime?.stage == .paused {
            return try await watchBuild(commit, from: before?.runtime, pushed: false, &result)
        }
        let watch = Stopwatch(clock)
        let outcome = try await watchBuild(commit, from: await waitForRestart(), pushed: false, &result)
        try await probe(deploy.source, after: watch.elapsed(), outcome, &result)
        return outcome
    }

    /// Polls until the Space's stage is in progress, for about 5 s at most: the Hub may report the
    /// previous stage for a while.
    private func waitForRestart() async -> Runtime? {
        var runtime: Runtime?
        for _ in 1...10 {
            runtime = try? await environment.runtime.runtime()
            if runtime?.stage.isInProgress == true { break }
            guard (try? await clock.sleep(for: .milliseconds(500))) != nil else { break }
        }
        return runtime
    }

    /// Confirms that the Space runs the tree that it already has. The outcome is `unchanged` only if
    /// the app runs, or its build is still in progress and not watched (design 4.5).
    func confirmRunning(_ deploy: PreparedDeploy, _ before: SpaceInfo?, _ result: inout DeployResult)
        async throws(DeployError) -> DeployResult.Outcome
    {
        guard warnUnlessMain(&result), let commit = deploy.commit else { return .unchanged }
        var info = before
        // A record of another head, or without a runtime, is outdated and must be fetched again.
        if info?.sha != commit || info?.runtime == nil { info = await self.info() }
        guard let info else { return .unchanged }
        (result.appURL, result.stage, result.isPrivate) = (info.appURL, info.runtime?.stage, info.isPrivate)
        guard let runtime = info.runtime else { return .unchanged }
        // An earlier failure must not pass as success because there is nothing to push.
        if runtime.isRunning(with: commit) {
            guard options.waits, options.probesWhenUnchanged else { return .unchanged }
            return try await outcomes.record(of: commit, &result) { (result) async throws(DeployError) in
                try await probe(deploy.source, after: .zero, .unchanged, &result)
                return .unchanged
            }
        }
        guard options.waits || !runtime.stage.isInProgress else { return .unchanged }
        emit(.detail("nothing to push; stage of the Space: \(runtime.stage)"))
        let isRecent = wasJustPushed(deploy.space.head)
        do throws(DeployError) {
            let outcome = try await watchAndProbe(
                deploy.source, commit, from: isRecent ? runtime : nil, pushed: isRecent, &result)
            return outcome == .superseded ? .superseded : .unchanged
        } catch {
            throw addingRebuildHint(error)
        }
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
        failure.hint = "\(hint)\nto build the same commit again: spacesync push \(target.space) --rebuild"
        return failure
    }

    /// Returns whether the branch is `main`, the only one that is built and shown; warns if it is
    /// another.
    private func warnUnlessMain(_ result: inout DeployResult) -> Bool {
        let branch = target.spaceBranch
        guard branch != "main" else { return true }
        emit(.warning("only the branch main is built and shown; \(branch) is only stored"))
        result.hint = "to show it: spacesync push \(target.space) --branch \(target.revision ?? ""):main"
        return false
    }

    /// Follows the build, then probes the app; records the outcome of the commit.
    private func watchAndProbe(
        _ source: SourceSnapshot, _ commit: ObjectID, from previous: Runtime?, pushed: Bool,
        _ result: inout DeployResult
    ) async throws(DeployError) -> DeployResult.Outcome {
        let stopwatch = Stopwatch(clock)
        return try await outcomes.record(of: commit, &result) { (result) async throws(DeployError) in
            let outcome = try await watchBuild(commit, from: previous, pushed: pushed, &result)
            try await probe(source, after: stopwatch.elapsed(), outcome, &result)
            return outcome
        }
    }

    /// Follows the build, and wakes an inactive Space once if `wake` is set.
    /// - Throws: the error of a build or app that failed, or that did not run within the time limit.
    private func watchBuild(
        _ commit: ObjectID, from previous: Runtime?, pushed: Bool, _ result: inout DeployResult
    ) async throws(DeployError) -> DeployResult.Outcome {
        var (previous, pushed, isWoken) = (previous, pushed, false)
        // A push does not wake a Space that its owner paused, so there is no build to wait for.
        if previous?.stage == .paused, !target.rebuild {
            guard target.wake else { return reportPaused(&result) }
            (previous, pushed, isWoken) = (try await wake(), false, true)
        } else {
            emit(.step("Watching \(target.space)"))
        }
        while true {
            let outcome: WatchOutcome
            do throws(DeployError) {
                outcome = try await watch(
                    environment.runtime, for: commit, of: target.space, previous: previous, pushed: pushed,
                    limit: target.timeout, activeWatchCount: options.activeWatchCount, clock: clock,
                    emit: emit)
            } catch { throw unobservedError(error, commit) }
            if outcome.stage?.isInactive == true, target.wake, !isWoken {
                (previous, pushed, isWoken) = (try await wake(), false, true)
                continue
            }
            result.record(outcome)
            if let failure = outcome.failure { throw failure }
            return outcome.kind.deployOutcome
        }
    }

    /// Reports a push to a paused Space: only its owner can wake it.
    private func reportPaused(_ result: inout DeployResult) -> DeployResult.Outcome {
        result.stage = .paused
        emit(.detail("\(target.space) is paused: nothing is built or started until it is restarted"))
        result.hint = WatchOutcome.Kind.paused.hint(for: target.space)
        return .pushed
    }

    private func wake() async throws(DeployError) -> Runtime {
        emit(.step("Waking \(target.space)"))
        return try await environment.runtime.restart(factory: false)
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
            "\(target.space) has the commit \(commit.short), but the state of its build is unknown",
            details: [failure.message] + failure.details,
            hint: "to follow it: spacesync watch \(target.space)", cause: .unobserved)
    }

    /// Runs the probes: a Space that runs the commit counts as deployed when its probes succeed
    /// (design 4.8).
    /// - Parameter elapsed: the part of the target's timeout that is used already.
    private func probe(
        _ source: SourceSnapshot, after elapsed: Duration, _ outcome: DeployResult.Outcome,
        _ result: inout DeployResult
    ) async throws(DeployError) {
        guard !target.probes.isEmpty, [.deployed, .unchanged].contains(outcome) else { return }
        let probes = try await ProbeBodies(probes: target.probes, snapshot: source, store: objects).read {
            probe in
            emit(
                .warning(
                    "skipped probe = \(probe): its request body is a file of the source, which is not available here"
                ))
        }
        do throws(DeployError) {
            try await probeApp(
                of: target, probes, environment.runtime, environment.http,
                within: max(.zero, target.timeout - elapsed), clock: clock, emit: emit, &result)
        } catch { throw unobservedError(error, result.commit) }
    }
}

extension Runtime {
    /// Whether the app runs this commit. A runtime without a commit id counts as running it.
    func isRunning(with commit: ObjectID) -> Bool { stage == .running && (sha == nil || sha == commit) }
}

import DeploySettings
import SpacesModel

extension Deployer {
    /// What the Space was before; nil when it cannot be told (it is not there yet, the API is down).
    func info() async -> SpaceInfo? {
        do { return try await builds.info() } catch { return nil }
    }

    func appURL(_ before: SpaceInfo?) async -> String? {
        if let url = before?.appURL { return url }
        return await info()?.appURL
    }

    /// The push went through: follow the build, unless nobody waits. Only `main` is built.
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
        let watch = Stopwatch(clock)
        try await recordingOutcome(of: commit, &report) { (report) async throws(DeployError) in
            try await watchBuild(commit, from: before?.runtime, pushed: true, &report)
            try await probe(prepared.snapshot, after: watch.elapsed(), &report)
        }
    }

    /// The Space holds this tree already: unchanged only where it also runs it, or its build is still going on unwatched
    /// (design 4.5).
    func confirmRunning(_ prepared: PreparedDeploy, _ before: SpaceInfo?, _ report: inout DeployResult)
        async throws(DeployError)
    {
        report.outcome = .unchanged
        guard warnUnlessMain(&report), let commit = prepared.commit else { return }
        var info = before
        // What was told of another head, or not at all, is asked again.
        if info?.sha != commit || info?.runtime == nil { info = await self.info() }
        guard let info else { return }
        (report.appURL, report.stage) = (info.appURL, info.runtime?.stage)
        guard let runtime = info.runtime else { return }
        // What failed before must not pass for well because nothing is to be pushed.
        if runtime.isRunning(with: commit) {
            guard options.waits, options.probesWhenUnchanged else { return }
            return try await recordingOutcome(of: commit, &report) { (report) async throws(DeployError) in
                try await probe(prepared.snapshot, after: .zero, &report)
            }
        }
        guard options.waits || !runtime.stage.isInProgress else { return }
        emit(.detail("nothing to push; the Space is \(runtime.stage)"))
        let (isNew, watch) = (wasJustPushed(prepared.state.head), Stopwatch(clock))
        do throws(DeployError) {
            try await recordingOutcome(of: commit, &report) { (report) async throws(DeployError) in
                try await watchBuild(commit, from: isNew ? runtime : nil, pushed: isNew, &report)
                try await probe(prepared.snapshot, after: watch.elapsed(), &report)
            }
        } catch {
            throw addingRebuildHint(error)
        }
        if [.deployed, .pushed].contains(report.outcome) { report.outcome = .unchanged }
    }

    /// Whether another run pushed it a moment ago: what the Hub tells may still be of before.
    private func wasJustPushed(_ head: Commit?) -> Bool {
        guard let time = head?.commitTime else { return false }
        let (age, isOverflow) = options.now().subtractingReportingOverflow(time)
        return !isOverflow && (0..<60).contains(age)
    }

    /// Nothing was pushed, so what failed may fail by no fault of the source: the network, a package index.
    private func addingRebuildHint(_ failure: DeployError) -> DeployError {
        guard failure.kind == .failed, let hint = failure.hint else { return failure }
        var failure = failure
        failure.hint = "\(hint)\nto build the same again: spacesync push \(target.space) --rebuild"
        return failure
    }

    /// Only `main` is built and shown; of another branch the story says so.
    private func warnUnlessMain(_ report: inout DeployResult) -> Bool {
        let branch = target.spaceBranch
        guard branch != "main" else { return true }
        emit(.warning("the app shows the branch main alone: \(branch) is stored, neither built nor shown"))
        report.hint = "to show it: spacesync push \(target.space) --branch \(target.revision ?? ""):main"
        return false
    }

    /// Stays with the build, wakes a Space that rests if that was asked for, and takes the outcome into the report.
    func watchBuild(
        _ commit: ObjectID, from previous: Runtime?, pushed: Bool, _ report: inout DeployResult
    ) async throws(DeployError) {
        // A push does not wake what its owner paused: there is nothing to wait for first.
        if previous?.stage == .paused, !target.rebuild {
            guard target.wake else { return reportPaused(&report) }
            return try report.apply(try await wake(commit))
        }
        emit(.step("Watching \(target.space)"))
        var outcome = try await watch(commit, from: previous, pushed: pushed)
        if outcome.stage?.isInactive == true, target.wake { outcome = try await wake(commit) }
        try report.apply(outcome)
    }

    /// Pushed to a Space that only its owner wakes: nothing will happen there by itself.
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

    /// The failure to report when the Hub can't be asked about a commit that is on the Space already: neither the push
    /// nor the build failed, so the exit code is 75 whatever the Hub answered (401, 404, a web page).
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
    /// In service, with this commit as far as the Hub says.
    func isRunning(with commit: ObjectID) -> Bool { stage == .running && (sha == nil || sha == commit) }
}

extension DeployResult {
    /// - Throws: what the watch ended in, when that is a failure.
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

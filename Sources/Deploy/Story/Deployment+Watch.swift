import DeploySettings
import SpacesModel

extension Deployment {
    /// What the Space was before; nil when it cannot be told (it is not there yet, the API is down).
    func info() async -> SpaceInfo? {
        do { return try await builds.info() } catch { return nil }
    }

    func appURL(_ before: SpaceInfo?) async -> String? {
        if let url = before?.appURL { return url }
        return await info()?.appURL
    }

    /// The push went through: follow the build, unless nobody waits. Only `main` is built.
    func settlePushed(_ prepared: Prepared, _ before: SpaceInfo?, _ report: inout Report)
        async throws(Failure)
    {
        guard let commit = prepared.commit else { return }
        report.outcome = .pushed
        report.hint = "spacesync watch \(target.space)"
        if target.rebuild {
            say(.step("Rebuilding from scratch (factory)"))
            _ = try await builds.restart(factory: true)
        }
        guard isOnMain(&report) else { return }
        guard options.waits else { return }
        let watch = Stopwatch(clock)
        try await recordingOutcome(of: commit, &report) { (report) async throws(Failure) in
            try await follow(commit, from: before?.runtime, pushed: true, &report)
            try await probe(prepared.snapshot, after: watch.elapsed(), &report)
        }
    }

    /// The Space holds this tree already: unchanged only where it also runs it, or its build is still going on unwatched
    /// (design 4.5).
    func settleUnchanged(_ prepared: Prepared, _ before: SpaceInfo?, _ report: inout Report)
        async throws(Failure)
    {
        report.outcome = .unchanged
        guard isOnMain(&report), let commit = prepared.commit else { return }
        var info = before
        // What was told of another head, or not at all, is asked again.
        if info?.sha != commit || info?.runtime == nil { info = await self.info() }
        guard let info else { return }
        (report.appURL, report.stage) = (info.appURL, info.runtime?.stage)
        guard let runtime = info.runtime else { return }
        // What failed before must not pass for well because nothing is to be pushed.
        if runtime.isUp(with: commit) {
            guard options.waits, options.probesUnchanged else { return }
            return try await recordingOutcome(of: commit, &report) { (report) async throws(Failure) in
                try await probe(prepared.snapshot, after: .zero, &report)
            }
        }
        guard options.waits || !runtime.stage.isInProgress else { return }
        say(.detail("nothing to push; the Space is \(runtime.stage)"))
        let (isNew, watch) = (isNew(prepared.state.head), Stopwatch(clock))
        do throws(Failure) {
            try await recordingOutcome(of: commit, &report) { (report) async throws(Failure) in
                try await follow(commit, from: isNew ? runtime : nil, pushed: isNew, &report)
                try await probe(prepared.snapshot, after: watch.elapsed(), &report)
            }
        } catch {
            throw orRebuilt(error)
        }
        if [.deployed, .pushed].contains(report.outcome) { report.outcome = .unchanged }
    }

    /// Whether another run pushed it a moment ago: what the Hub tells may still be of before.
    private func isNew(_ head: Commit?) -> Bool {
        guard let time = head?.committed else { return false }
        let (age, isOverflow) = options.now().subtractingReportingOverflow(time)
        return !isOverflow && (0..<60).contains(age)
    }

    /// Nothing was pushed, so what failed may fail by no fault of the source: the network, a package index.
    private func orRebuilt(_ failure: Failure) -> Failure {
        guard failure.kind == .failed, let hint = failure.hint else { return failure }
        var failure = failure
        failure.hint = "\(hint)\nto build the same again: spacesync push \(target.space) --rebuild"
        return failure
    }

    /// Only `main` is built and shown; of another branch the story says so.
    private func isOnMain(_ report: inout Report) -> Bool {
        let branch = target.spaceBranch
        guard branch != "main" else { return true }
        say(.warning("the app shows the branch main alone: \(branch) is stored, neither built nor shown"))
        report.hint = "to show it: spacesync push \(target.space) --branch \(target.revision ?? ""):main"
        return false
    }

    /// Stays with the build, wakes a Space that rests if that was asked for, and takes the outcome into the report.
    func follow(
        _ commit: ObjectID, from previous: Runtime?, pushed: Bool, _ report: inout Report
    ) async throws(Failure) {
        // A push does not wake what its owner paused: there is nothing to wait for first.
        if previous?.stage == .paused, !target.rebuild {
            guard target.wake else { return rest(&report) }
            return try report.take(try await wake(commit))
        }
        say(.step("Watching \(target.space)"))
        var outcome = try await watch(commit, from: previous, pushed: pushed)
        if outcome.stage?.isAtRest == true, target.wake { outcome = try await wake(commit) }
        try report.take(outcome)
    }

    /// Pushed to a Space that only its owner wakes: nothing will happen there by itself.
    private func rest(_ report: inout Report) {
        (report.outcome, report.stage) = (.pushed, .paused)
        say(.detail("\(target.space) is paused: the commit is there, and not built"))
        report.hint = WatchOutcome.Kind.paused.hint(for: target.space)
    }

    private func wake(_ commit: ObjectID) async throws(Failure) -> WatchOutcome {
        say(.step("Waking \(target.space)"))
        return try await watch(commit, from: try await builds.restart(factory: false), pushed: false)
    }

    private func watch(
        _ commit: ObjectID, from previous: Runtime?, pushed: Bool
    ) async throws(Failure) -> WatchOutcome {
        do throws(Failure) {
            return try await Deploy.watch(
                builds, for: commit, of: target.space, previous: previous, pushed: pushed,
                limit: target.timeout, sharing: options.watched, clock: clock, say: say)
        } catch { throw unobserved(error, commit) }
    }

    /// The failure to report when the Hub can't be asked about a commit that is on the Space already: neither the push
    /// nor the build failed, so the exit code is 75 whatever the Hub answered (401, 404, a web page).
    func unobserved(_ failure: Failure, _ commit: ObjectID?) -> Failure {
        guard let commit, [.notAllowed, .refused, .tryLater].contains(failure.kind) else { return failure }
        return Failure(
            .tryLater,
            "\(target.space) has the commit \(commit.short), but the state of its build is not known",
            details: [failure.message] + failure.details,
            hint: "run `spacesync watch \(target.space)` to follow it", cause: .unobserved)
    }
}

extension Runtime {
    /// In service, with this commit as far as the Hub says.
    func isUp(with commit: ObjectID) -> Bool { stage == .running && (sha == nil || sha == commit) }
}

extension Report {
    /// - Throws: what the watch ended in, when that is a failure.
    mutating func take(_ outcome: WatchOutcome) throws(Failure) {
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

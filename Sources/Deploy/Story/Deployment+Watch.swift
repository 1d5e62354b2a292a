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
        if target.rebuild { _ = try await builds.restart(factory: true) }
        guard target.spaceBranch == "main" else {
            report.hint = "the Hub builds the branch main; this push went to \(target.spaceBranch)"
            return
        }
        if options.waits { try await follow(commit, from: before?.runtime, pushed: true, &report) }
    }

    /// The Space holds this tree already: unchanged only where it also runs it, or its build is still going on unwatched
    /// (design 4.5).
    func settleUnchanged(_ prepared: Prepared, _ report: inout Report) async throws(Failure) {
        report.outcome = .unchanged
        guard let commit = prepared.commit, target.spaceBranch == "main", let info = await info() else {
            return
        }
        (report.appURL, report.stage) = (info.appURL, info.runtime?.stage)
        guard let runtime = info.runtime, !runtime.isUp(with: commit) else { return }
        guard options.waits || !runtime.stage.isInProgress else { return }
        say(.detail("nothing to push; the Space is \(runtime.stage)"))
        try await follow(commit, from: nil, pushed: false, &report)
        if [.deployed, .pushed].contains(report.outcome) { report.outcome = .unchanged }
    }

    /// Stays with the build, wakes a Space that rests if that was asked for, and takes the outcome into the report.
    func follow(
        _ commit: ObjectID, from previous: Runtime?, pushed: Bool, _ report: inout Report
    ) async throws(Failure) {
        say(.step("Watching \(target.space)"))
        var outcome = try await watch(commit, from: previous, pushed: pushed)
        if outcome.stage?.isAtRest == true, target.wake {
            say(.step("Waking \(target.space)"))
            let woken = try await builds.restart(factory: false)
            outcome = try await watch(commit, from: woken, pushed: false)
        }
        try report.take(outcome)
    }

    private func watch(
        _ commit: ObjectID, from previous: Runtime?, pushed: Bool
    ) async throws(Failure) -> WatchOutcome {
        try await Deploy.watch(
            builds, for: commit, of: target.space, previous: previous, pushed: pushed, limit: target.timeout,
            clock: clock, say: say)
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

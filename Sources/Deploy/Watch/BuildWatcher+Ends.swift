import BuildDiagnosis
import SpacesModel

extension BuildWatcher {
    /// The outcome of a settled stage, with the log that tells about it.
    func makeOutcome(_ kind: WatchOutcome.Kind, _ runtime: Runtime, _ state: WatchState<Time>) async
        -> WatchOutcome
    {
        var outcome = WatchOutcome(kind, stage: runtime.stage, message: message(of: kind))
        outcome.errorMessage = runtime.errorMessage
        outcome.appURL = state.info?.appURL
        outcome.hint = kind.hint(for: space)
        guard kind == .buildError || kind == .runtimeError else {
            let told = Diagnosis.of(await failureContext(kind, runtime, state, run: []))
            if [.quota, .payment, .configuration].contains(told.cause) { outcome.hint = told.hint }
            return outcome
        }
        outcome.log = kind == .buildError ? .build : .run
        let lines = kind == .buildError ? await log.lines : await fetchRunLog()
        outcome.tail = lines.suffix(20)
        if kind == .runtimeError { for line in outcome.tail { emit(.log(.run, LogLine(text: line))) } }
        outcome.apply(
            Diagnosis.of(await failureContext(kind, runtime, state, run: kind == .runtimeError ? lines : [])))
        return outcome
    }

    private func failureContext(
        _ kind: WatchOutcome.Kind, _ runtime: Runtime, _ state: WatchState<Time>, run: [String]
    ) async -> FailureContext {
        FailureContext(
            kind, of: space, errorMessage: runtime.errorMessage, build: await log.lines, run: run,
            sdk: state.info?.sdk, appPort: state.info?.appPort)
    }

    /// The time is over. A failure that may be the old one is no reason to go without a word: a build too short for
    /// its stage to be seen fails with the words of the one before, and its log tells them apart.
    /// - Throws: what kept us from seeing anything at all.
    func finalCheck(_ state: inout WatchState<Time>) async throws(DeployError) -> WatchOutcome {
        guard let stage = state.lastRuntime?.stage, stage.isTerminal, stage != .running, !stage.isInactive
        else {
            return try await timeoutOutcome(state)
        }
        await log.pollNow()
        for _ in 0..<20 where await !log.namesOurCommit { try? await clock.sleep(for: .milliseconds(100)) }
        // As ever, only what the log said before the Hub was asked vouches for the answer.
        if await log.namesOurCommit, let report = try await observeStage(&state),
            let outcome = try await evaluate(report, true, &state, clock.now)
        {
            return outcome
        }
        return try await timeoutOutcome(state)
    }

    private func timeoutOutcome(_ state: WatchState<Time>) async throws(DeployError) -> WatchOutcome {
        guard let last = state.lastRuntime else { throw state.lastError ?? .interruptedWatch }
        // Nothing goes on there that could be waited for: what wakes it says more than that the time is over.
        if last.stage.isInactive, let kind = last.stage.outcome {
            return await makeOutcome(kind, last, state)
        }
        var outcome = WatchOutcome(
            .timedOut, stage: last.stage,
            message:
                "gave up watching \(space) after \(limit.shortDescription): \(stageDescription(last.stage, state))"
        )
        outcome.errorMessage = state.lastError?.message ?? last.errorMessage
        (outcome.log, outcome.tail) = (.build, await log.lines.suffix(20))
        outcome.hint = WatchOutcome.Kind.timedOut.hint(for: space)
        if last.stage.isStarting, state.attribution.isOurs { await explainTimeout(last, state, &outcome) }
        outcome.appURL = state.info?.appURL
        return outcome
    }

    /// An app that starts for so long may say itself what keeps it: another port, an address of its own, a traceback.
    private func explainTimeout(_ last: Runtime, _ state: WatchState<Time>, _ outcome: inout WatchOutcome)
        async
    {
        let run = await fetchRunLog()
        guard !run.isEmpty else { return }
        (outcome.log, outcome.tail) = (.run, run.suffix(20))
        for line in outcome.tail { emit(.log(.run, LogLine(text: line))) }
        let told = Diagnosis.of(await failureContext(.timedOut, last, state, run: run))
        guard let cause = told.cause, cause != .startTimeout, !cause.isPlatformError else { return }
        (outcome.cause, outcome.firstError, outcome.hint) = (cause, told.firstError, told.hint)
    }

    private func stageDescription(_ stage: Stage, _ state: WatchState<Time>) -> String {
        let isOld = stage.isTerminal && !state.attribution.isOurs
        return isOld
            ? "the Hub still says \(stage), as before \(commit.short)" : "\(commit.short) is at \(stage)"
    }

    private func message(of kind: WatchOutcome.Kind) -> String {
        switch kind {
        case .running: "\(space) runs \(commit.short)"
        case .buildError: "the build of \(commit.short) on \(space) failed"
        case .runtimeError: "the app on \(space) failed to run at \(commit.short)"
        case .configError: "the Hub cannot use the configuration of \(space) at \(commit.short)"
        case .noAppFile: "the Hub finds no app file in \(space) at \(commit.short)"
        case .paused: "\(space) is paused; \(commit.short) is pushed, but not built"
        case .sleeping: "\(space) is asleep; \(commit.short) is pushed"
        case .stopped: "\(space) is stopped; \(commit.short) is pushed"
        case .deleting: "\(space) is being deleted"
        case .superseded, .timedOut: "\(space) does not run \(commit.short)"
        }
    }

    /// The run log as it is stored; the stream stays open behind it, so it is read until it is quiet.
    private func fetchRunLog() async -> [String] {
        let run = RunLog()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [builds] in try? await builds.follow(.run) { await run.append($0) } }
            group.addTask { [clock] in
                var seen = -1
                for _ in 0..<10 {
                    guard (try? await clock.sleep(for: .seconds(1))) != nil else { return }
                    let now = await run.lines.count
                    if now == seen, now > 0 { return }
                    seen = now
                }
            }
            await group.next()
            group.cancelAll()
        }
        return await run.lines
    }
}

/// The last lines of the app's log.
private actor RunLog {
    private(set) var lines: [String] = []
    func append(_ line: LogLine) { lines = (lines + [line.text]).suffix(200) }
}

extension Duration {
    /// `20m`, `1m30s`, `45s`.
    package var shortDescription: String {
        let (minutes, seconds) = (components.seconds / 60, components.seconds % 60)
        if minutes == 0 { return "\(seconds)s" }
        return seconds == 0 ? "\(minutes)m" : "\(minutes)m\(seconds)s"
    }
}

import SpacesModel

extension BuildWatcher {
    /// Says a stage once; not one that may be from before our commit: its reader would take it for ours. A stage that
    /// follows a build is said behind the build's log.
    func reportStage(
        _ stage: Stage, _ attribution: StageAttribution.Attribution, _ state: inout WatchState<Time>
    ) async {
        if state.attribution.isOurs, stage.isInProgress { await log.buildStarted() }
        guard state.reportedStage != stage, attribution == .inProgress || attribution == .finished else {
            return
        }
        if stage.isBuilding {
            state.isLogComplete = false
        } else if !state.isLogComplete, hasLog(before: stage, state) {
            await waitForCompleteLog()
            state.isLogComplete = true
        }
        state.reportedStage = stage
        await log.report(stage)
    }

    /// Whether a build of ours has been, whose log is worth waiting for.
    private func hasLog(before stage: Stage, _ state: WatchState<Time>) -> Bool {
        guard !state.isStatic, !stage.isInactive else { return false }
        return stage == .buildError || state.reportedStage?.isBuilding ?? state.attribution.expectsBuild
    }

    /// Waits until the build log, which comes by another connection, is here to its end: the stream is over, or stays
    /// open in silence behind lines of ours. A log that does not come is not waited for.
    private func waitForCompleteLog() async {
        var (seen, calm) = (-1, 0)
        for turn in 0..<20 where await !log.hasEnded {
            let (isTold, now) = await (log.isShowingLines, log.received)
            if !isTold, turn == 12 { return }
            if !isTold, turn.isMultiple(of: 4) { await refetchLog() }
            (seen, calm) = (now, now == seen && isTold ? calm + 1 : 0)
            guard calm < 4, (try? await clock.sleep(for: .milliseconds(250))) != nil else { return }
        }
    }

    /// A minute after the push nothing is to be seen of a build: said once, with what to do. Stuck builds look like slow
    /// ones from here, and their logs stay empty (huggingface_hub#3452).
    func warnIfIdle(since start: Time.Instant, _ now: Time.Instant, _ state: inout WatchState<Time>) async {
        guard pushed, !state.isIdleReported, !state.isStatic, start.duration(to: now) >= .seconds(60),
            let stage = state.lastRuntime?.stage, !stage.isInactive, !stage.isStarting
        else { return }
        if stage.isBuilding {
            guard await !log.isShowingLines, await !log.hasEnded else { return }
            emit(
                .warning(
                    "a minute after the push the build of \(commit.short) has not said a line; still watching "
                        + "(the Hub's builders are busy, or it is stuck: spacesync push \(space) --rebuild begins anew)"
                ))
        } else {
            guard !state.attribution.isOurs else { return }
            emit(
                .warning(
                    "a minute after the push the Hub has not begun a build of \(commit.short), it still says \(stage); "
                        + "still watching (spacesync push \(space) --rebuild makes it build; https://status.huggingface.co tells of faults)"
                ))
        }
        state.isIdleReported = true
    }

    private func refetchLog() async {
        await log.buildStarted()
        await log.pollNow()
    }
}

extension Stage {
    /// An image is made; behind it the container starts.
    var isBuilding: Bool { self == .building || self == .runningBuilding }
}

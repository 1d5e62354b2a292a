import SpacesModel

extension BuildWatcher {
    /// Reports a stage once, but not one that may be from before our commit: readers would attribute
    /// it to our commit. A stage that follows a build is reported after the build's log.
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

    /// Returns whether our commit was built, so that its log is worth waiting for.
    private func hasLog(before stage: Stage, _ state: WatchState<Time>) -> Bool {
        guard !state.isStatic, !stage.isInactive else { return false }
        return stage == .buildError || state.reportedStage?.isBuilding ?? state.attribution.expectsBuild
    }

    /// Waits until the build log, which comes by another connection, is complete: the stream ended,
    /// or no line has arrived for a second after lines of our commit. Gives up if no log arrives.
    private func waitForCompleteLog() async {
        var (previousCount, quietRounds) = (-1, 0)
        for round in 0..<20 where await !log.hasEnded {
            let (isShowingLines, count) = await (log.isShowingLines, log.received)
            if !isShowingLines, round == 12 { return }
            if !isShowingLines, round.isMultiple(of: 4) { await refetchLog() }
            (previousCount, quietRounds) = (
                count, count == previousCount && isShowingLines ? quietRounds + 1 : 0
            )
            guard quietRounds < 4, (try? await clock.sleep(for: .milliseconds(250))) != nil else { return }
        }
    }

    /// Warns once, with a hint, if no build is visible a minute after the push. A stuck build looks
    /// like a slow one, and its log stays empty (huggingface_hub#3452).
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
    /// Whether an image is being built, after which the container starts.
    var isBuilding: Bool { self == .building || self == .runningBuilding }
}

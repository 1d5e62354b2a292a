import SpacesModel

extension Watching {
    /// Says a stage once; not one that may be from before our commit: its reader would take it for ours. A stage that
    /// follows a build is said behind the build's log.
    func tell(_ stage: Stage, _ verdict: Evidence.Verdict, _ course: inout Course<Time>) async {
        if course.evidence.isOurs, stage.isInProgress { await log.workBegan() }
        guard course.told != stage, verdict == .working || verdict == .settled else { return }
        if stage.isBuilding {
            course.isLogWhole = false
        } else if !course.isLogWhole, hasLog(before: stage, course) {
            await wholeLog()
            course.isLogWhole = true
        }
        course.told = stage
        await log.tell(stage)
    }

    /// Whether a build of ours has been, whose log is worth waiting for.
    private func hasLog(before stage: Stage, _ course: Course<Time>) -> Bool {
        guard !course.isStatic, !stage.isAtRest else { return false }
        return stage == .buildError || course.told?.isBuilding ?? course.evidence.isFollowed
    }

    /// Waits until the build log, which comes by another connection, is here to its end: the stream is over, or stays
    /// open in silence behind lines of ours. A log that does not come is not waited for.
    private func wholeLog() async {
        var (seen, calm) = (-1, 0)
        for turn in 0..<20 where await !log.hasEnded {
            let (isTold, now) = await (log.isTold, log.received)
            if !isTold, turn == 12 { return }
            if !isTold, turn.isMultiple(of: 4) { await askAgain() }
            (seen, calm) = (now, now == seen && isTold ? calm + 1 : 0)
            guard calm < 4, (try? await clock.sleep(for: .milliseconds(250))) != nil else { return }
        }
    }

    /// A minute after the push nothing is to be seen of a build: said once, with what to do. Stuck builds look like slow
    /// ones from here, and their logs stay empty (huggingface_hub#3452).
    func tellIdleness(since start: Time.Instant, _ now: Time.Instant, _ course: inout Course<Time>) async {
        guard pushed, !course.isIdlenessTold, !course.isStatic, start.duration(to: now) >= .seconds(60),
            let stage = course.last?.stage, !stage.isAtRest, !stage.isStarting
        else { return }
        if stage.isBuilding {
            guard await !log.isTold, await !log.hasEnded else { return }
            say(
                .warning(
                    "a minute after the push the build of \(commit.short) has not said a line; still watching "
                        + "(the Hub's builders are busy, or it is stuck: spacesync push \(space) --rebuild begins anew)"
                ))
        } else {
            guard !course.evidence.isOurs else { return }
            say(
                .warning(
                    "a minute after the push the Hub has not begun a build of \(commit.short), it still says \(stage); "
                        + "still watching (spacesync push \(space) --rebuild makes it build; https://status.huggingface.co tells of faults)"
                ))
        }
        course.isIdlenessTold = true
    }

    private func askAgain() async {
        await log.workBegan()
        await log.hurry()
    }
}

extension Stage {
    /// An image is made; behind it the container starts.
    var isBuilding: Bool { self == .building || self == .runningBuilding }
}

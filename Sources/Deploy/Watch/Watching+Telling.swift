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

    private func askAgain() async {
        await log.workBegan()
        await log.hurry()
    }
}

extension Stage {
    /// An image is made; behind it the container starts.
    var isBuilding: Bool { self == .building || self == .runningBuilding }
}

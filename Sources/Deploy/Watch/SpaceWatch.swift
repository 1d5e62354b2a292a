import DeploySettings
import SpacesModel

/// Watches a Space until it runs `commit`, or shows why it will not.
/// - Parameters:
///   - previous: the runtime from before the push; `nil` if it was not read.
///   - pushed: whether `commit` was just pushed. Without a push, the Hub's reports are about its
///     head.
///   - limit: the time after which the watch gives up; the build continues.
///   - activeWatchCount: the number of watches that share the account's request limit now.
/// - Throws: errors that make watching impossible (no permission, the Space was deleted); temporary
///   errors are retried.
package func watch<Time: Clock<Duration>>(
    _ builds: any SpaceRuntimeService, for commit: ObjectID, of space: SpaceID, previous: Runtime?,
    pushed: Bool,
    limit: Duration, activeWatchCount: @escaping @Sendable () -> Int = { 1 }, clock: Time,
    emit: @escaping EventHandler
) async throws(DeployError) -> WatchOutcome {
    let log = BuildLog(commit: commit, emit: emit)
    let watcher = BuildWatcher(
        builds: builds, commit: commit, space: space, pushed: pushed, limit: limit,
        activeWatchCount: activeWatchCount,
        clock: clock, log: log,
        emit: emit)
    let result = await withTaskGroup(of: Result<WatchOutcome, DeployError>?.self) { group in
        group.addTask {
            await followBuildLog(builds, into: log, clock: clock, emit: emit)
            return nil
        }
        group.addTask {
            await followStartupLog(builds, into: log)
            return nil
        }
        group.addTask {
            do throws(DeployError) {
                return .success(try await watcher.outcome(from: previous))
            } catch {
                return .failure(error)
            }
        }
        defer { group.cancelAll() }
        for await result in group { if let result { return result } }
        return .failure(.interruptedWatch)
    }
    await log.flush()
    return try result.get()
}

/// Follows the build of the Space's head commit without a push (the `watch` command).
package func watchHead(
    of target: Target, _ builds: any SpaceRuntimeService, clock: any Clock<Duration> = ContinuousClock(),
    storing outcomes: any OutcomeStoring = NoOutcomes(), emit: @escaping EventHandler
) async -> DeployResult {
    await DeployResult.make(for: target.space, emit) { (result) async throws(DeployError) in
        result.isObservation = true
        let info = try await builds.info()
        (result.appURL, result.stage, result.commit) = (info.appURL, info.runtime?.stage, info.sha)
        guard let commit = info.sha else {
            throw DeployError(
                .refused, "\(target.space) has no commits yet",
                hint: "to deploy it: spacesync push \(target.space)")
        }
        let outcome = try await watch(
            builds, for: commit, of: target.space, previous: info.runtime, pushed: false,
            limit: target.timeout, clock: clock, emit: emit)
        result.record(outcome)
        if let failure = outcome.failure {
            if failure.kind == .failed, outcome.stage?.isBroken == true {
                outcomes.record(.failed, of: commit)
            }
            throw failure
        }
        // If the target has probes, they decide whether the Space counts as running.
        if outcome.kind == .running, target.probes.isEmpty { outcomes.record(.ran, of: commit) }
        return outcome.kind.deployOutcome
    }
}

/// Follows the build log during a watch. Requests it again if the received log is the previous
/// build's or the stream was cut: the Hub replays the log, and may start another stream for another
/// build.
func followBuildLog(
    _ builds: any SpaceRuntimeService, into log: BuildLog, clock: any Clock<Duration>, emit: EventHandler
) async {
    var pause = Duration.seconds(1)
    while !Task.isCancelled {
        do throws(DeployError) {
            try await followUntilOutdated(builds, log, clock)
            await log.streamEnded(forGood: false)
        } catch {
            guard error.kind == .tryLater else {
                await log.streamEnded(forGood: true)
                guard error.kind != .interrupted else { return }
                let hint = error.hint.map { " (\($0))" } ?? ""
                return emit(.warning("continuing without the build log: \(error.message)\(hint)"))
            }
        }
        // A stream of our commit usually ends with its build, and the next poll shows that.
        if await log.isShowingLines { pause = max(pause, .seconds(5)) }
        guard await waitBeforeRetry(pause, log, clock) else { return }
        pause = min(pause * 3, .seconds(60))
    }
}

/// Follows one stream until it ends, or until a new build has started while the stream is still
/// another commit's.
private func followUntilOutdated(
    _ builds: any SpaceRuntimeService, _ log: BuildLog, _ clock: any Clock<Duration>
)
    async throws(DeployError)
{
    await log.streamStarted()
    let result = await withTaskGroup(of: Result<Void, DeployError>.self) { group in
        group.addTask {
            do throws(DeployError) {
                return .success(try await builds.follow(.build) { await log.receive($0) })
            } catch {
                return .failure(error)
            }
        }
        group.addTask {
            while await !log.isOutdated, (try? await clock.sleep(for: .milliseconds(500))) != nil {}
            return .success(())
        }
        defer { group.cancelAll() }
        return await group.next() ?? .success(())
    }
    try result.get()
}

/// Waits for `pause`, or less if the log is requested immediately. After a build, waits first until
/// another one starts.
/// - Returns: false if cancelled.
private func waitBeforeRetry(_ pause: Duration, _ log: BuildLog, _ clock: any Clock<Duration>) async -> Bool {
    var remaining = pause
    while await log.isBuildOver {
        guard (try? await clock.sleep(for: .seconds(1))) != nil else { return false }
    }
    while remaining > .zero, await !log.isPollRequested {
        let step = min(remaining, .milliseconds(250))
        guard (try? await clock.sleep(for: step)) != nil else { return false }
        remaining -= step
    }
    return !Task.isCancelled
}

/// Follows the app's log while the app starts: each line triggers a check of its health. The lines
/// are reported only if the app fails.
func followStartupLog(_ builds: any SpaceRuntimeService, into log: BuildLog) async {
    while true {
        await log.wait { $0.isStarting }
        guard !Task.isCancelled else { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await builds.follow(.run) { _ in await log.signalChange() } }
            group.addTask { await log.wait { !$0.isStarting } }
            await group.next()
            group.cancelAll()
        }
        // A stream that ended or is not available is not requested again during this start.
        await log.wait { !$0.isStarting }
    }
}

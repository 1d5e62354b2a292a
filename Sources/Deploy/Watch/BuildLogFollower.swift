import SpacesModel

/// Follows the build log during a watch. Requests it again if the received log is the previous
/// build's or the stream was cut: the Hub replays the log, and may start another stream for another
/// build.
func followBuildLog(
    _ builds: some SpaceRuntimeService, into log: BuildLog, clock: some Clock<Duration>, emit: EventHandler
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
                return emit(.warning("going on without the build log: \(error.message)\(hint)"))
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
    _ builds: some SpaceRuntimeService, _ log: BuildLog, _ clock: some Clock<Duration>
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
private func waitBeforeRetry(_ pause: Duration, _ log: BuildLog, _ clock: some Clock<Duration>) async -> Bool
{
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

import SpacesModel

/// Follows the build log for as long as the watch lasts. Where the log in hand is the one of the build before, or its
/// stream was cut, it is asked for anew: the Hub replays it, and may begin another stream for another build.
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
                let why = error.hint.map { " (\($0))" } ?? ""
                return emit(.warning("going on without the build log: \(error.message)\(why)"))
            }
        }
        // A stream of ours most likely ended with its build, which the next report will say.
        if await log.isShowingLines { pause = max(pause, .seconds(5)) }
        guard await waitBeforeRetry(pause, log, clock) else { return }
        pause = min(pause * 3, .seconds(60))
    }
}

/// One stream, until it ends, or a new build has begun while it still tells of another commit.
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

/// Sleeps, and no longer when the log is urgent; behind a build, until there is another.
/// - Returns: false when cancelled.
private func waitBeforeRetry(_ pause: Duration, _ log: BuildLog, _ clock: some Clock<Duration>) async -> Bool
{
    var left = pause
    while await log.isBuildOver {
        guard (try? await clock.sleep(for: .seconds(1))) != nil else { return false }
    }
    while left > .zero, await !log.isPollRequested {
        let step = min(left, .milliseconds(250))
        guard (try? await clock.sleep(for: step)) != nil else { return false }
        left -= step
    }
    return !Task.isCancelled
}

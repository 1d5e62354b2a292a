import SpacesModel

/// Stays with a Space until it runs `commit`, or shows why it will not.
/// - Parameters:
///   - previous: what the Hub reported before the push; nil when nobody looked.
///   - pushed: whether `commit` was pushed just now. Without a push, what the Hub reports is about its head.
///   - sharing: how many watches share the account's requests now.
///   - limit: after that the watch gives up; the Hub goes on.
/// - Throws: what makes watching impossible (rights, a Space that is gone); passing faults are waited out.
package func watch<Time: Clock<Duration>>(
    _ builds: some SpaceRuntimeService, for commit: ObjectID, of space: SpaceID, previous: Runtime?,
    pushed: Bool,
    limit: Duration, activeWatchCount: @escaping @Sendable () -> Int = { 1 }, clock: Time,
    emit: @escaping EventHandler
) async throws(DeployError) -> WatchOutcome {
    let log = BuildLog(commit: commit, emit: emit)
    let watching = BuildWatcher(
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
        group.addTask { await watching.result(from: previous) }
        defer { group.cancelAll() }
        for await result in group { if let result { return result } }
        return .failure(.interruptedWatch)
    }
    await log.flush()
    return try result.get()
}

extension DeployError {
    static let interruptedWatch = DeployError(
        .interrupted, "interrupted while watching", hint: "the Hub goes on; spacesync watch takes it up again"
    )
}

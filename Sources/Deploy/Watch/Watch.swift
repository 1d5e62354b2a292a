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
    _ builds: some SpaceRuntimeService, for commit: ObjectID, of space: SpaceID, previous: Runtime?,
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
        group.addTask { await watcher.result(from: previous) }
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

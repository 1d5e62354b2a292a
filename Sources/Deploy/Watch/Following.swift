/// Follows the build log for as long as the watch lasts. Where the log in hand is the one of the build before, it is
/// asked for anew: the Hub may begin another stream for another build.
func following(
    _ builds: some BuildWatching, into log: BuildLog, clock: some Clock<Duration>, say: Say
) async {
    var pause = Duration.seconds(1)
    while await !log.isTold, !Task.isCancelled {
        do throws(Failure) {
            try await untilOutdated(builds, log, clock)
        } catch {
            guard error.kind == .tryLater else {
                guard error.kind != .interrupted else { return }
                let why = error.hint.map { " (\($0))" } ?? ""
                return say(.warning("going on without the build log: \(error.message)\(why)"))
            }
        }
        guard (try? await clock.sleep(for: pause)) != nil else { return }
        pause = min(pause * 2, .seconds(10))
    }
}

/// One stream, until it ends, or a new build has begun while it still tells of another commit.
private func untilOutdated(_ builds: some BuildWatching, _ log: BuildLog, _ clock: some Clock<Duration>)
    async throws(Failure)
{
    await log.streamBegins()
    let result = await withTaskGroup(of: Result<Void, Failure>.self) { group in
        group.addTask {
            do throws(Failure) {
                return .success(try await builds.follow(.build) { await log.take($0) })
            } catch {
                return .failure(error)
            }
        }
        group.addTask {
            while await !log.isOutdated, (try? await clock.sleep(for: .seconds(2))) != nil {}
            return .success(())
        }
        defer { group.cancelAll() }
        return await group.next() ?? .success(())
    }
    try result.get()
}

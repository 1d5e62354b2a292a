import SpacesModel

/// Hears the app's log while it starts: each line is a reason to ask whether it is healthy by now. What it says is told
/// only where it fails.
func followStartupLog(_ builds: some SpaceRuntimeService, into log: BuildLog) async {
    while true {
        await log.wait { $0.isStarting }
        guard !Task.isCancelled else { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await builds.follow(.run) { _ in await log.signalChange() } }
            group.addTask { await log.wait { !$0.isStarting } }
            await group.next()
            group.cancelAll()
        }
        // A stream that ended or is not to be had is not asked for again in this start.
        await log.wait { !$0.isStarting }
    }
}

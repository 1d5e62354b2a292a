import SpacesModel

/// Follows the app's log while the app starts: each line triggers a check of its health. The lines
/// are reported only if the app fails.
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
        // A stream that ended or is not available is not requested again during this start.
        await log.wait { !$0.isStarting }
    }
}

import Deploy
import Documentation
import HubAPI
import SpacesModel
import TextTools

/// The command `metrics`: shows the CPU, memory and network use of running apps.
enum MetricsCommand {
    static let command = Command(
        .metrics, flags: [samples] + Flag.spaceCommand
    ) { (invocation) async throws(DeployError) in
        let positionals = try invocation.positionals(1...100, like: "metrics owner/name")
        let count = try invocation.count(samples, like: "metrics \(positionals[0]) -n 10")
        guard count != 0 else {
            throw DeployError(
                .usage, "--samples: the number must be above 0",
                hint: "use a number such as 1: spacesync metrics \(positionals[0]) -n 1")
        }
        let context = try await SpaceCommandContext(invocation, positionals)
        return try await Viewer.run(invocation.environment) { () async throws(DeployError) in
            await show(context, count)
        }
    }

    private static func show(_ context: SpaceCommandContext, _ count: Int?) async -> Int {
        let board = MetricsBoard(
            context.results, context.loaded.named, canQuit: context.invocation.environment.canAsk)
        // All in parallel: a stream of metrics does not end, so a later Space would never start.
        let spaces = context.loaded.named
        let reports = await ParallelRunner(width: spaces.count).reports(of: spaces) { space in
            await context.report(on: space) { (hub, _) async throws(DeployError) in
                let counter = SampleCounter(count)
                do throws(DeployError) {
                    try await hub.metrics { metric in
                        guard await board.update(metric, of: space) else { return false }
                        return await counter.countSample()
                    }
                } catch {
                    guard !context.results.isClosed else { return }
                    await board.remove(space)
                    throw error
                }
            }
        }
        return DeployResult.exitCode(of: reports)
    }

    private static let samples = Flag("--samples -n", value: "N", "end after N samples of each Space")
}

private actor SampleCounter {
    private var remaining: Int?
    init(_ count: Int?) { remaining = count }

    /// Counts one sample, and returns false if it was the last.
    func countSample() -> Bool {
        remaining = remaining.map { $0 - 1 }
        return remaining.map { $0 > 0 } ?? true
    }
}

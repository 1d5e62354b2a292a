import Foundation

/// The time limits of one exchange.
struct Limits: Sendable {
    var connect: Duration
    var idle: Duration
    var deadline: Duration?
    /// Tells whether the server, or the proxy before it, takes connections.
    var probe: @Sendable () async -> Bool
}

extension Exchange {
    /// Ends the exchange when a limit is over. `URLSession` has no limit for connecting and does not tell when it has
    /// connected: when nothing was heard for that long, a connection of our own shows which limit counts.
    func watch(_ limits: Limits) -> Task<Void, Never> {
        Task { [weak self] in
            await withTaskGroup(of: HTTPFailure.TimeLimit?.self) { group in
                group.addTask { await Self.deadline(limits) }
                group.addTask { [weak self] in await self?.silence(limits) }
                group.addTask { [weak self] in await self?.missingConnection(limits) }
                for await limit in group {
                    guard let limit, let self, !Task.isCancelled else { continue }
                    self.end(self.isFinalEarly ? nil : .timedOut(host: self.host, limit))
                    group.cancelAll()
                }
            }
        }
    }

    private static func deadline(_ limits: Limits) async -> HTTPFailure.TimeLimit? {
        guard let deadline = limits.deadline, await pause(deadline) else { return nil }
        return .deadline
    }

    /// Looks ten times within the limit; after an early final answer the rest of its body gets one second.
    private func silence(_ limits: Limits) async -> HTTPFailure.TimeLimit? {
        var (seen, quiet) = (progress.signs, Duration.zero)
        while quiet < (isFinalEarly ? min(.seconds(1), limits.idle) : limits.idle) {
            let step = min(limits.idle / 10, .milliseconds(500))
            guard await Self.pause(step) else { return nil }
            let now = progress.signs
            quiet = now == seen ? quiet + step : .zero
            seen = now
        }
        return .idle
    }

    private func missingConnection(_ limits: Limits) async -> HTTPFailure.TimeLimit? {
        guard await Self.pause(limits.connect), !progress.isReached else { return nil }
        let isThere = await limits.probe()
        return isThere || progress.isReached ? nil : .connect
    }

    private static func pause(_ time: Duration) async -> Bool {
        (try? await Task.sleep(for: time)) != nil
    }
}

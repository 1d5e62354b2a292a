import Foundation
import Synchronization

/// Knows which origins have a connection at rest that has been through an exchange, and so can wait without spinning.
final class Warmth: Sendable {
    private struct Use {
        var running = 0
        var restingSince: ContinuousClock.Instant?
    }

    private let uses = Mutex<[Origin: Use]>([:])

    /// Servers close a resting connection after some seconds (nginx 75, others 5): later it counts as gone.
    private static let rest = Duration.seconds(4)

    func isWarm(_ origin: Origin) -> Bool {
        uses.withLock { uses in
            guard let use = uses[origin], use.running == 0, let since = use.restingSince else { return false }
            return ContinuousClock.now - since < Self.rest
        }
    }

    func begin(_ origin: Origin) { uses.withLock { $0[origin, default: Use()].running += 1 } }

    func end(_ origin: Origin, isKept: Bool) {
        uses.withLock { uses in
            uses[origin, default: Use()].running -= 1
            uses[origin, default: Use()].restingSince = isKept ? .now : nil
        }
    }
}

import Foundation
import Synchronization

/// Knows which origins have a connection at rest that has been through an exchange.
final class Warmth: Sendable {
    func answered(_ origin: Origin) {}
}

import Synchronization

/// Counts what went over the wire for one task: exchanges (each attempt and each redirect is one) and bytes of bodies.
package final class TrafficCounter: Sendable {
    private let countedRequests = Atomic<Int>(0)
    private let countedSent = Atomic<Int>(0)
    private let countedReceived = Atomic<Int>(0)

    package init() {}

    package var requests: Int { countedRequests.load(ordering: .relaxed) }
    /// Bytes of request bodies handed to the connection.
    package var bytesSent: Int { countedSent.load(ordering: .relaxed) }
    /// Bytes of response bodies as they reached us, after decoding.
    package var bytesReceived: Int { countedReceived.load(ordering: .relaxed) }

    func addRequest() { countedRequests.add(1, ordering: .relaxed) }
    func addSent(_ count: Int) { countedSent.add(count, ordering: .relaxed) }
    func addReceived(_ count: Int) { countedReceived.add(count, ordering: .relaxed) }
}

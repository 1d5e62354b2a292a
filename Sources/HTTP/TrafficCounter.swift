import Synchronization

/// Counter of the network traffic of one task: requests (including retries and redirects) and bytes of
/// bodies.
package final class TrafficCounter: Sendable {
    private let countedRequests = Atomic<Int>(0)
    private let countedSent = Atomic<Int>(0)
    private let countedReceived = Atomic<Int>(0)

    package init() {}

    package var requests: Int { countedRequests.load(ordering: .relaxed) }
    /// The bytes of request bodies passed to the connection.
    package var bytesSent: Int { countedSent.load(ordering: .relaxed) }
    /// The bytes of response bodies after decompression.
    package var bytesReceived: Int { countedReceived.load(ordering: .relaxed) }

    func addRequest() { countedRequests.add(1, ordering: .relaxed) }
    func addSent(_ count: Int) { countedSent.add(count, ordering: .relaxed) }
    func addReceived(_ count: Int) { countedReceived.add(count, ordering: .relaxed) }
}

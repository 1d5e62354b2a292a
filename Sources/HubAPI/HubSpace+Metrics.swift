import Essentials
import HTTP
import SpacesModel
import TextTools

/// What an app uses, as the Hub measures it, about once a second. Its form is written nowhere (hub-api.md 4.8): what it
/// does not say is nil, and what else it says is kept.
package struct Metric: Sendable {
    /// Per cent of what it may use.
    package var cpu: Double?
    package var millicores: Double?
    /// Bytes.
    package var memoryUsed: Double?
    package var memoryTotal: Double?
    /// Bytes a second.
    package var received: Double?
    package var sent: Double?
    /// Which of several copies of the app.
    package var replica: String?
    package var json: JSON

    /// nil for an event of something else.
    init?(_ data: Data) {
        guard let json = JSON(data), json.object != nil else { return nil }
        self.json = json
        (cpu, millicores) = (json["cpu_usage_pct"].number, json["cpu_millicores"].number)
        (memoryUsed, memoryTotal) = (json["memory_used_bytes"].number, json["memory_total_bytes"].number)
        (received, sent) = (json["rx_bps"].number, json["tx_bps"].number)
        replica = json["replica"].string
        guard cpu != nil || memoryUsed != nil || received != nil || sent != nil else { return nil }
    }
}

extension HubSpace {
    /// Hands on what comes of `GET …/metrics` until `goesOn` says no, taking up a stream that ends or breaks.
    /// - Throws: kind `refused` for a Space where nothing runs that could be measured.
    package func metrics(_ shouldContinue: @Sendable (Metric) async -> Bool) async throws(DeployError) {
        var faults = 0
        while true {
            let hasCome: Bool
            do throws(DeployError) {
                hasCome = try await streamMetrics(shouldContinue, &faults)
                if hasCome { return }
            } catch {
                guard error.kind == .tryLater, faults < LogCursor.maxFailures else { throw error }
            }
            faults += 1
            guard faults <= LogCursor.maxFailures else {
                throw DeployError(
                    .refused, "\(hub.host) sends nothing about what \(space) uses",
                    hint: "spacesync status \(space) tells what it does")
            }
            try await backOff(after: faults)
        }
    }

    /// One stream.
    /// - Returns: whether enough has come.
    private func streamMetrics(_ shouldContinue: @Sendable (Metric) async -> Bool, _ failures: inout Int)
        async throws(DeployError)
        -> Bool
    {
        var events = ServerSentEvents()
        var pieces = try await stream().chunks.makeAsyncIterator()
        do throws(HTTPError) {
            while let piece = try await pieces.next(isolation: nil) {
                for metric in events.consume(piece).compactMap(Metric.init) {
                    failures = 0
                    guard await shouldContinue(metric) else { return true }
                }
            }
        } catch {
            throw failure(error, of: "metrics")
        }
        return false
    }

    /// `406 Space is stale`: of a static Space, and of one that does not run.
    private func stream() async throws(DeployError) -> StreamedResponse {
        do throws(DeployError) {
            return try await openEvents("/metrics", .seconds(60), of: "metrics")
        } catch {
            guard error.kind == .refused, error.message.contains("(status 406)") else { throw error }
            throw DeployError(
                .refused, "nothing runs on \(space) that could be measured", details: error.details,
                hint: "spacesync status \(space) tells what it does")
        }
    }
}

import Essentials
import HTTP
import SpacesModel
import TextTools

/// A sample of an app's resource usage, reported by the Hub about once per second. The format is undocumented
/// (hub-api.md 4.8): missing values are `nil`, and unknown ones are kept in `json`.
package struct Metric: Sendable {
    /// The CPU usage in per cent of the limit.
    package var cpu: Double?
    package var millicores: Double?
    /// The used memory in bytes.
    package var memoryUsed: Double?
    /// The memory limit in bytes.
    package var memoryTotal: Double?
    /// Received bytes per second.
    package var received: Double?
    /// Sent bytes per second.
    package var sent: Double?
    /// The name of the app's replica.
    package var replica: String?
    package var json: JSON

    /// Parses an event; `nil` if it is not a metrics event.
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
    /// Streams `GET …/metrics` until `shouldContinue` returns false. Reconnects if the stream ends or
    /// breaks.
    /// - Throws: `.refused` if nothing is running on the Space that could be measured.
    package func metrics(_ shouldContinue: @Sendable (Metric) async -> Bool) async throws(DeployError) {
        var failures = 0
        while true {
            let isFinished: Bool
            do throws(DeployError) {
                isFinished = try await streamMetrics(shouldContinue, &failures)
                if isFinished { return }
            } catch {
                guard error.kind == .tryLater, failures < LogCursor.maxFailures else { throw error }
            }
            failures += 1
            guard failures <= LogCursor.maxFailures else {
                throw DeployError(
                    .refused, "\(hub.host) sends no metrics for \(space)",
                    hint: "run spacesync status \(space) to see its state")
            }
            try await backOff(after: failures)
        }
    }

    /// Reads one stream.
    /// - Returns: whether `shouldContinue` returned false.
    private func streamMetrics(_ shouldContinue: @Sendable (Metric) async -> Bool, _ failures: inout Int)
        async throws(DeployError)
        -> Bool
    {
        var events = ServerSentEvents()
        var chunks = try await stream().chunks.makeAsyncIterator()
        do throws(HTTPError) {
            while let chunk = try await chunks.next(isolation: nil) {
                for metric in events.consume(chunk).compactMap(Metric.init) {
                    failures = 0
                    guard await shouldContinue(metric) else { return true }
                }
            }
        } catch {
            throw failure(error, of: "metrics")
        }
        return false
    }

    /// Opens the stream. The Hub responds `406 Space is stale` for static Spaces and for those that are
    /// not running.
    private func stream() async throws(DeployError) -> StreamedResponse {
        do throws(DeployError) {
            return try await openEvents("/metrics", .seconds(60), of: "metrics")
        } catch {
            guard error.kind == .refused, error.message.contains("(status 406)") else { throw error }
            throw DeployError(
                .refused, "\(space) has no running app to measure", details: error.details,
                hint: "run spacesync status \(space) to see its state")
        }
    }
}

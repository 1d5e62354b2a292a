import Deploy
import Documentation
import HubAPI
import Reporting
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
                .usage, "--samples takes a number above 0", hint: "spacesync metrics \(positionals[0]) -n 1")
        }
        let context = try await SpaceCommandContext(invocation, positionals)
        let board = MetricsBoard(context.results, context.loaded.named)
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

/// The output of `metrics`: a table of the latest samples on a terminal, otherwise one line for
/// each sample.
private actor MetricsBoard {
    private let results: ResultWriter
    private let order: [SpaceID]
    private var rows: [SpaceID: [String: Metric]] = [:]
    private var shown = 0

    init(_ results: ResultWriter, _ order: [SpaceID]) { (self.results, self.order) = (results, order) }

    /// Prints a sample, and returns false if standard output was closed.
    func update(_ metric: Metric, of space: SpaceID) -> Bool {
        rows[space, default: [:]][metric.replica ?? ""] = metric
        // Replicas that ended with their container are not reported, so their rows would accumulate.
        if rows[space]?.count ?? 0 > 64 { rows[space] = [metric.replica ?? "": metric] }
        if results.isText, results.isTerminal { refresh() } else { print(metric, of: space) }
        return !results.isClosed
    }

    func remove(_ space: SpaceID) { (rows[space], shown) = (nil, 0) }

    private func print(_ metric: Metric, of space: SpaceID) {
        let cells = [space.description] + cells(of: metric)
        results.write(
            space, text: [cells.filter { !$0.isEmpty }.joined(separator: "  ")], quiet: space.description,
            json: [
                "cpu_usage_pct": number(metric.cpu), "memory_used_bytes": number(metric.memoryUsed),
                "memory_total_bytes": number(metric.memoryTotal), "rx_bps": number(metric.received),
                "tx_bps": number(metric.sent), "replica": .optional(metric.replica),
                "hub": metric.json.sortedByKey,
            ])
    }

    private func number(_ value: Double?) -> JSON {
        value.map(JSON.number) ?? .null
    }

    /// Moves the cursor to the top of the table and redraws it.
    private func refresh() {
        var table: [[String]] = []
        for space in order {
            let replicas = (rows[space] ?? [:]).sorted { $0.key < $1.key }
            for (replica, metric) in replicas {
                table.append(
                    [space.description, replicas.count > 1 ? replica.visible : ""] + cells(of: metric))
            }
            if replicas.isEmpty { table.append([space.description, "", "…"]) }
        }
        let cursorUp = shown > 0 ? "\u{1B}[\(shown)A" : ""
        let lines = Table(rows: table).lines.map { "\u{1B}[2K\($0)\n" }.joined()
        results.draw(cursorUp + "\r" + lines + "\u{1B}[J")
        shown = table.count
    }

    private func cells(of metric: Metric) -> [String] {
        let cores = metric.millicores.map { " of \(Self.short($0 / 1000)) cores" } ?? ""
        let cpu = metric.cpu.map { "CPU \(Self.short($0)) %\(cores)" } ?? ""
        let total = metric.memoryTotal.map { " of \(Self.bytes($0))" } ?? ""
        let memory = metric.memoryUsed.map { "memory \(Self.bytes($0))\(total)" } ?? ""
        let received = metric.received.map { "in \(Self.bytes($0))/s" } ?? ""
        let sent = metric.sent.map { "out \(Self.bytes($0))/s" } ?? ""
        return [cpu, memory, received, sent]
    }

    private static func bytes(_ value: Double) -> String {
        (Int(exactly: value.rounded()) ?? 0).asBytes
    }

    /// Returns the number with at most one decimal: `2`, `0.5`.
    private static func short(_ value: Double) -> String {
        let rounded = (value * 10).rounded() / 10
        return Int(exactly: rounded).map(String.init) ?? "\(rounded)"
    }
}

import HubAPI
import Reporting
import SpacesModel
import TextTools

/// The output of `metrics`: a table of the latest samples on a terminal, otherwise one line for each sample.
actor MetricsBoard {
    private let results: ResultWriter
    private let order: [SpaceID]
    private let canQuit: Bool
    private var rows: [SpaceID: [String: Row]] = [:]
    /// The widths of the lines on the terminal, in cells.
    private var shownWidths: [Int] = []

    private struct Row {
        var metric: Metric
        /// The latest CPU usages in per cent, oldest first.
        var history: [Double] = []
    }

    /// The number of samples in the curve.
    private static let historyLength = 8
    private static let columns: [Table.Column] = [
        .init("SPACE", fit: .middle), .init("REPLICA", fit: .middle, rank: 4), .init("CPU"),
        .init("MEMORY", rank: 1),
        .init("IN", isRightAligned: true, rank: 2), .init("OUT", isRightAligned: true, rank: 3),
    ]

    /// - Parameter canQuit: whether `q` ends the command.
    init(_ results: ResultWriter, _ order: [SpaceID], canQuit: Bool) {
        (self.results, self.order, self.canQuit) = (results, order, canQuit)
    }

    /// Prints a sample, and returns false if standard output was closed.
    func update(_ metric: Metric, of space: SpaceID) -> Bool {
        let replica = metric.replica ?? ""
        let history = (rows[space]?[replica]?.history ?? []) + [metric.cpu ?? 0]
        let row = Row(metric: metric, history: history.suffix(Self.historyLength))
        rows[space, default: [:]][replica] = row
        // Replicas that ended with their container are not reported, so their rows would accumulate.
        if rows[space]?.count ?? 0 > 64 { rows[space] = [replica: row] }
        if results.isText, let size = results.size { refresh(size) } else { print(metric, of: space) }
        return !results.isClosed
    }

    func remove(_ space: SpaceID) { (rows[space], shownWidths) = (nil, []) }

    private func print(_ metric: Metric, of space: SpaceID) {
        let cells = [space.description] + MetricText(metric).sentence
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

    /// Moves the cursor to the top of the table and redraws it. The table never exceeds the window, in which
    /// the cursor could not be moved to its top.
    private func refresh(_ size: Terminal.Size) {
        let (heading, lines) = Table(Self.columns, rows: tableRows()).lines(width: size.width)
        var shown = [heading].compactMap { $0 } + lines
        let room = max(1, size.height - 2)
        if shown.count > room {
            shown = shown.prefix(max(0, room - 1)) + ["… \(shown.count - room + 1) more"]
        }
        if canQuit { shown.append("q quits") }
        let text = shown.enumerated().map { index, line in
            let isDim = index == 0 || index == shown.count - 1 && canQuit
            return "\u{1B}[2K\(isDim ? results.style.dim(line) : line)\n"
        }
        // A window that became narrower has wrapped the lines.
        let shownLines = shownWidths.reduce(0) { $0 + max(1, ($1 + size.width - 1) / size.width) }
        let cursorUp = shownLines > 0 ? "\u{1B}[\(shownLines)A" : ""
        results.draw(cursorUp + "\r" + text.joined() + "\u{1B}[J")
        shownWidths = shown.map(\.cellWidth)
    }

    private func tableRows() -> [[String]] {
        order.flatMap { space -> [[String]] in
            let replicas = (rows[space] ?? [:]).sorted { $0.key < $1.key }
            guard !replicas.isEmpty else { return [[space.description, "", "…", "", "", ""]] }
            return replicas.map { replica, row in
                [space.description, replicas.count > 1 ? replica.visible : ""]
                    + MetricText(row.metric).cells(row.history)
            }
        }
    }
}

/// A sample as text.
struct MetricText {
    private let metric: Metric

    init(_ metric: Metric) { self.metric = metric }

    /// The values with their names, for a line.
    var sentence: [String] {
        let cpu = metric.cpu.map { "CPU \(Self.short($0)) %\(cores)" } ?? ""
        let total = metric.memoryTotal.map { " of \(Self.bytes($0))" } ?? ""
        let memory = metric.memoryUsed.map { "memory \(Self.bytes($0))\(total)" } ?? ""
        let received = metric.received.map { "in \(Self.bytes($0))/s" } ?? ""
        let sent = metric.sent.map { "out \(Self.bytes($0))/s" } ?? ""
        return [cpu, memory, received, sent]
    }

    /// Returns the values for the columns of a table, with a curve of the CPU usage.
    func cells(_ history: [Double]) -> [String] {
        let curve = String(history.map(Self.bar))
        let cpu = metric.cpu.map { "\(curve.padded(to: 8)) \(Self.short($0)) %\(cores)" } ?? ""
        let used = metric.memoryUsed.map(Self.bytes) ?? ""
        let total = metric.memoryTotal.map { " / \(Self.bytes($0))" } ?? ""
        let share =
            metric.memoryTotal.flatMap { total in
                metric.memoryUsed.map { total > 0 ? "  \(Self.short(($0 / total * 100).rounded())) %" : "" }
            } ?? ""
        return [
            cpu, used + total + share, metric.received.map { "\(Self.bytes($0))/s" } ?? "",
            metric.sent.map { "\(Self.bytes($0))/s" } ?? "",
        ]
    }

    private var cores: String {
        metric.millicores.map { " of \(Self.short($0 / 1000)) cores" } ?? ""
    }

    private static func bytes(_ value: Double) -> String {
        (Int(exactly: value.rounded()) ?? 0).asSize
    }

    /// Returns one of eight bars for a share in per cent.
    private static func bar(_ percent: Double) -> Character {
        let bars = Array("▁▂▃▄▅▆▇█")
        let share = percent.isFinite ? min(max(percent / 100, 0), 1) : 0
        return bars[min(bars.count - 1, Int(share * Double(bars.count)))]
    }

    /// Returns the number with at most one decimal: `2`, `0.5`.
    private static func short(_ value: Double) -> String {
        let rounded = (value * 10).rounded() / 10
        return Int(exactly: rounded).map(String.init) ?? "\(rounded)"
    }
}

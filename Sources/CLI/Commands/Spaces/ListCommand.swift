import Deploy
import DeploySettings
import Documentation
import Essentials
import HubAPI
import Reporting
import SpacesModel
import TextTools

/// The command `list`: lists the Spaces of the accounts, or of the named owners.
struct ListCommand: Sendable {
    static let command = Command(
        .list, aliases: ["ls"], flags: [author] + Flag.spaceCommand
    ) { (invocation) async throws(DeployError) in
        let owners = invocation.arguments.positionals + invocation.arguments.values(author)
        if let invalid = owners.first(where: { !SpaceID.isValid($0) }) {
            throw DeployError(
                .usage, "invalid owner \"\(invalid)\"",
                hint: invalid.contains("/") ? "spacesync status \(invalid)" : "spacesync list owner")
        }
        return try await ListCommand(context: SpaceCommandContext(invocation, []), owners: owners).run()
    }

    private static let author = Flag("--author", value: "OWNER", "owner, as in hf (repeatable)")

    let context: SpaceCommandContext
    let owners: [String]

    private typealias Found = Result<[SpaceRecord], DeployError>

    func run() async throws(DeployError) -> Int {
        let owners = try await ownersToList()
        let results = await fetchAll(owners)
        guard !Task.isCancelled else { throw DeployError(.interrupted, "interrupted") }
        if owners.count == 1, case .failure(let failure) = results[0] { throw failure }
        await print(
            results.flatMap { (try? $0.get())?.sorted { $0.id.lowercased() < $1.id.lowercased() } ?? [] })
        var reports: [DeployResult] = []
        for (owner, result) in zip(owners, results) {
            guard case .failure(let failure) = result else { continue }
            context.warn("\(owner): \(([failure.message] + failure.details).joined(separator: "; "))")
            reports.append(DeployResult(.folder(owner), failure: failure))
        }
        return DeployResult.exitCode(of: reports)
    }

    /// Returns the owners whose Spaces are listed.
    private func ownersToList() async throws(DeployError) -> [String] {
        let requested = owners.isEmpty ? context.runContext.accountNames : owners
        guard requested.isEmpty else { return Self.unique(requested) }
        guard let token = try context.runContext.accounts.token(for: "") else {
            throw DeployError(
                .permissionDenied, "no Hub token found, and no owner given",
                hint: "set HF_TOKEN, run hf auth login, or name an owner: spacesync list OWNER")
        }
        let account = try await context.runContext.hub(token.secret).whoami()
        return Self.unique([account.name] + account.organizations.map(\.name))
    }

    /// Returns the owners without duplicates, in the order of first occurrence; owner names are
    /// case-insensitive.
    private static func unique(_ owners: [String]) -> [String] {
        var seen = Set<String>()
        return owners.filter { seen.insert($0.lowercased()).inserted }
    }

    /// Fetches the Spaces of the owners, `jobs` owners at a time, and returns them in the order of
    /// the owners.
    private func fetchAll(_ owners: [String]) async -> [Found] {
        await withTaskGroup(of: (Int, Found).self) { group in
            var queue = owners.enumerated().makeIterator()
            func startNext() {
                guard let (index, owner) = queue.next() else { return }
                group.addTask { (index, await spaces(of: owner)) }
            }
            for _ in 0..<max(1, context.loaded.operators.jobs) { startNext() }
            var results: [Int: Found] = [:]
            for await (index, result) in group {
                results[index] = result
                startNext()
            }
            return owners.indices.compactMap { results[$0] }
        }
    }

    private func spaces(of owner: String) async -> Found {
        do throws(DeployError) {
            let token = try await context.runContext.token(ofOwner: owner)
            return .success(try await context.runContext.hub(token?.secret).spaces(of: owner))
        } catch {
            return .failure(error)
        }
    }

    private func print(_ records: [SpaceRecord]) async {
        if records.isEmpty { return context.invocation.reporter.send(.info("no Spaces")) }
        if context.results.isText, let size = context.results.size {
            return SpaceTable(context: context, prices: await prices(of: records)).print(records, size)
        }
        let style = context.results.style
        let table = Table(rows: records.map(row)) { row, column, cell in
            guard column == 1, let row, let stage = records[row].info.runtime?.stage else { return cell }
            return style.of(stage, cell)
        }
        for (record, line) in zip(records, table.lines) {
            context.results.write(
                SpaceID(record.id), text: [line], quiet: record.id, json: fields(of: record))
        }
    }

    /// Returns the prices of hardware; no request is needed if all Spaces have the free one.
    private func prices(of records: [SpaceRecord]) async -> [Hardware] {
        guard records.contains(where: { $0.info.runtime?.isBilled == true }) else { return [] }
        return (try? await context.runContext.hub(nil).hardware()) ?? []
    }

    private func row(_ record: SpaceRecord) -> [String] {
        let runtime = record.info.runtime
        return [
            record.id, runtime?.stage.rawValue ?? "?", runtime?.shownHardware ?? "", record.info.sdk ?? "",
            record.visibility ?? "", RelativeTime.ago(record.lastModified),
        ].map(\.visible)
    }

    private func fields(of record: SpaceRecord) -> JSON.Object {
        (record.info.runtime?.fields ?? ["stage": .null]) + [
            "sdk": .optional(record.info.sdk), "visibility": .optional(record.visibility),
            "head": .optional(record.info.sha), "last_modified": .optional(record.lastModified),
            "created_at": .optional(record.createdAt), "app_url": .optional(record.info.appURL),
            "space_url": .string("\(context.runContext.endpoint)/spaces/\(record.id)"),
            "hub": record.json.sortedByKey,
        ]
    }
}

/// The output of `list` on a terminal: broken Spaces first, then the others by name, and a line with the
/// sum. Source and time of the last deploy are from the cache, so that no request is needed for them.
private struct SpaceTable: Sendable {
    let context: SpaceCommandContext
    let prices: [Hardware]

    private static let columns: [Table.Column] = [
        .init("SPACE", fit: .middle), .init("  STAGE"), .init("HARDWARE", rank: 4),
        .init("$/DAY", isRightAligned: true, rank: 1), .init("SEEN BY", rank: 5),
        .init("SOURCE", fit: .middle, rank: 2), .init("DEPLOYED", rank: 3),
    ]
    /// The lines around the rows: the headings, the sum and the next prompt.
    private static let otherLines = 4

    func print(_ records: [SpaceRecord], _ size: Terminal.Size) {
        let broken = records.filter { $0.info.isBroken }
        let sorted = broken + records.filter { !$0.info.isBroken }
        let table = Table(Self.columns, rows: sorted.map(row)) { [style = context.results.style] in
            Self.paint($0.map { sorted[$0].info.runtime?.stage }, $1, $2, style)
        }
        let (heading, lines) = table.lines(width: size.width)
        // Otherwise, the broken ones would scroll out of the window.
        let isFolded = !context.arguments.has(.verbose) && lines.count + Self.otherLines > size.height
        let shown = isFolded ? max(broken.count, size.height - Self.otherLines) : lines.count
        write([heading].compactMap { $0 } + lines.prefix(shown))
        let summary = summary(sorted, omitted: lines.count - shown)
        write(summary.wrapped(to: size.width).map(context.results.style.dim))
    }

    private func write(_ lines: [String]) { context.results.write(nil, text: lines, quiet: nil, json: [:]) }

    private static func paint(_ stage: Stage??, _ column: Int, _ cell: String, _ style: Style) -> String {
        guard let row = stage else { return style.dim(cell) }
        guard column == 1, let stage = row else { return cell }
        return style.of(stage, cell)
    }

    private func row(_ record: SpaceRecord) -> [String] {
        let runtime = record.info.runtime
        let deploy = SpaceID(record.id).flatMap {
            context.runContext.lastDeploy(of: $0).entry(ofHead: record.info.sha)
        }
        let source = [deploy?.branch, deploy?.source?.short].compactMap { $0 }.joined(separator: " ")
        return [
            record.id, (record.info.isBroken ? "✗ " : "  ") + (runtime?.stage.rawValue ?? "?"),
            runtime?.shownHardware ?? "", dollarsPerDay(record).map { String($0.dropFirst()) } ?? "–",
            record.visibility ?? "", source.isEmpty ? "–" : source,
            deploy?.time.map { Duration.ago($0, now: Int64(Date().timeIntervalSince1970)) } ?? "–",
        ].map(\.visible)
    }

    private func price(_ record: SpaceRecord) -> Price? {
        guard let runtime = record.info.runtime, runtime.isBilled else { return nil }
        return prices.first { $0.name == runtime.shownHardware }?.price
    }

    private func dollarsPerDay(_ record: SpaceRecord) -> String? {
        price(record).flatMap { $0.isFree ? nil : $0.cost(hours: 24) }
    }

    private func summary(_ records: [SpaceRecord], omitted: Int) -> String {
        let total = Price(dollarsPerHour: records.compactMap { price($0)?.dollarsPerHour }.reduce(0, +))
        let broken = records.count { $0.info.isBroken }
        return [
            omitted > 0 ? "… \(omitted) more (-v shows all)" : nil,
            counted(records.count, "Space"),
            total.isFree ? nil : "total \(total.cost(hours: 24)) a day",
            broken > 0 ? "\(broken) need\(broken == 1 ? "s" : "") attention" : nil,
        ].compactMap { $0 }.joined(separator: ", ")
    }
}

extension SpaceInfo {
    fileprivate var isBroken: Bool { runtime?.stage.isBroken == true }
}

extension Runtime {
    /// The present hardware, or else the requested one.
    var shownHardware: String? { hardware ?? requestedHardware }

    /// Whether the hardware may cost money now: it is not the free one, and the Space is running.
    fileprivate var isBilled: Bool {
        shownHardware != nil && shownHardware != "cpu-basic" && !stage.isInactive && !stage.isBroken
    }
}

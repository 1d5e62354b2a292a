import Deploy
import DeploySettings
import Documentation
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
                .usage, "\(invalid) is no owner",
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
        print(results.flatMap { (try? $0.get())?.sorted { $0.id.lowercased() < $1.id.lowercased() } ?? [] })
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
                .permissionDenied, "no Hub token was found, and no owner is named",
                hint: "spacesync list owner, or set HF_TOKEN or run hf auth login")
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

    private func print(_ records: [SpaceRecord]) {
        let style = context.results.style
        let stages = records.map { $0.info.runtime?.stage }
        let table = Table(rows: records.map(row)) { row, column, cell in
            guard column == 1, let stage = stages[row] else { return cell }
            return style.of(stage, cell)
        }
        for (record, line) in zip(records, table.lines) {
            context.results.write(
                SpaceID(record.id), text: [line], quiet: record.id, json: fields(of: record))
        }
        if records.isEmpty { context.invocation.reporter.send(.info("no Spaces")) }
    }

    private func row(_ record: SpaceRecord) -> [String] {
        let runtime = record.info.runtime
        return [
            record.id, runtime?.stage.rawValue ?? "?", runtime?.hardware ?? runtime?.requestedHardware ?? "",
            record.info.sdk ?? "", record.visibility ?? "", RelativeTime.ago(record.lastModified),
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

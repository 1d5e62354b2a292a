import Deploy
import DeploySettings
import HubAPI
import Reporting
import SpacesModel

extension Command {
    static let list = Command(
        name: "list", aliases: ["ls"], synopsis: "[OWNER…]",
        summary: "the Spaces of all accounts in reach, and what they do",
        details: """
            Without owners: those of HF_USERNAMES, the [account] sections and HF_USER, else whoever the token is, with
            its organizations; each with the token that belongs to it. An account that fails hides no other.
            """,
        flags: [Flag("--author", value: "OWNER", "an owner, as hf spells it (repeatable)")] + Flag.verb
    ) { (invocation) async throws(Failure) in
        let owners =
            invocation.arguments.words
            + invocation.arguments.flags.filter { $0.flag.names[0] == "--author" }.map(\.value)
        if let odd = owners.first(where: { !SpaceID.isValid($0) }) {
            throw Failure(
                .usage, "\(odd) is no owner",
                hint: odd.contains("/") ? "spacesync status \(odd)" : "spacesync list owner")
        }
        return try await Listing(office: Office(invocation, []), owners: owners).run()
    }
}

private struct Listing: Sendable {
    let office: Office
    let owners: [String]

    private typealias Found = Result<[SpaceRecord], Failure>

    func run() async throws(Failure) -> Int {
        let owners = try await reach()
        let found = await all(owners)
        guard !Task.isCancelled else { throw Failure(.interrupted, "interrupted") }
        if owners.count == 1, case .failure(let failure) = found[0] { throw failure }
        give(found.flatMap { (try? $0.get())?.sorted { $0.id.lowercased() < $1.id.lowercased() } ?? [] })
        var reports: [Report] = []
        for (owner, result) in zip(owners, found) {
            guard case .failure(let failure) = result else { continue }
            office.warn("\(owner): \(([failure.message] + failure.details).joined(separator: "; "))")
            reports.append(Report(.folder(owner), failure: failure))
        }
        return Report.exitCode(of: reports)
    }

    /// Whose Spaces are meant.
    private func reach() async throws(Failure) -> [String] {
        let named = owners.isEmpty ? office.workshop.accountNames : owners
        guard named.isEmpty else { return named.unique }
        guard let token = try office.workshop.accounts.token(for: "") else {
            throw Failure(
                .notAllowed, "no Hub token was found, and no owner is named",
                hint: "spacesync list owner, or set HF_TOKEN or run hf auth login")
        }
        let account = try await office.workshop.hub(token.secret).whoami()
        return ([account.name] + account.organizations.map(\.name)).unique
    }

    /// In the order of the owners; a few at a time.
    private func all(_ owners: [String]) async -> [Found] {
        await withTaskGroup(of: (Int, Found).self) { group in
            var waiting = owners.enumerated().makeIterator()
            func begin() {
                guard let (place, owner) = waiting.next() else { return }
                group.addTask { (place, await spaces(of: owner)) }
            }
            for _ in 0..<max(1, office.loaded.operators.jobs) { begin() }
            var found: [Int: Found] = [:]
            for await (place, result) in group {
                found[place] = result
                begin()
            }
            return owners.indices.compactMap { found[$0] }
        }
    }

    private func spaces(of owner: String) async -> Found {
        do throws(Failure) {
            let token = try await office.workshop.token(ofOwner: owner)
            return .success(try await office.workshop.hub(token?.secret).spaces(of: owner))
        } catch {
            return .failure(error)
        }
    }

    private func give(_ records: [SpaceRecord]) {
        let style = office.results.style
        let stages = records.map { $0.info.runtime?.stage }
        let table = Table(rows: records.map(row)) { row, column, cell in
            guard column == 1, let stage = stages[row] else { return cell }
            return style.of(stage, cell)
        }
        for (record, line) in zip(records, table.lines) {
            office.results.give(SpaceID(record.id), text: [line], quiet: record.id, json: fields(of: record))
        }
        if records.isEmpty { office.invocation.voice.note("no Spaces") }
    }

    private func row(_ record: SpaceRecord) -> [String] {
        let runtime = record.info.runtime
        return [
            record.id, runtime?.stage.rawValue ?? "?", runtime?.hardware ?? runtime?.requestedHardware ?? "",
            record.info.sdk ?? "", record.visibility ?? "", Age.ago(record.lastModified),
        ].map(\.visible)
    }

    private func fields(of record: SpaceRecord) -> [(String, OrderedJSON)] {
        (record.info.runtime?.fields ?? [("stage", .null)]) + [
            ("sdk", .optional(record.info.sdk)), ("visibility", .optional(record.visibility)),
            ("head", .optional(record.info.sha)), ("last_modified", .optional(record.lastModified)),
            ("created_at", .optional(record.createdAt)), ("app_url", .optional(record.info.appURL)),
            ("space_url", .string("\(office.workshop.endpoint)/spaces/\(record.id)")),
            ("hub", OrderedJSON(record.json)),
        ]
    }
}

extension [String] {
    /// Each once, by its first place; owners differ by more than case.
    fileprivate var unique: [String] {
        var known = Set<String>()
        return filter { known.insert($0.lowercased()).inserted }
    }
}

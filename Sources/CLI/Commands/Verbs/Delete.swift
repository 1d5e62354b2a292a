import HubAPI
import Reporting
import SpacesModel

extension Command {
    static let delete = Command(
        name: "delete", synopsis: "SPACE",
        summary: "deletes a Space for good: files, history, secrets, variables",
        flags: [.yes, Flag("--missing-ok", "one that is not there is no failure")] + Flag.verb, idle: [.type]
    ) { (invocation) async throws(Failure) in
        let office = try await Office(invocation, invocation.words(1...1, like: "delete owner/name --yes"))
        return try await Deletion(office: office, space: office.space()).run()
    }
}

private struct Deletion: Sendable {
    let office: Office
    let space: SpaceID

    func run() async -> Int {
        await office.serve(space) { (hub, _) async throws(Failure) in
            guard let record = try await record(hub) else {
                return office.tell("there is no Space \(space)", about: space)
            }
            try await Consent(office, space).need(
                "Delete \(space) for good", losses(record), line: "delete \(space)")
            try await hub.delete()
            office.results.give(
                space, text: ["\(space) deleted"], quiet: space.description, json: [("deleted", .bool(true))])
        }
    }

    /// nil for a Space that is not there, where that is no failure.
    private func record(_ hub: HubSpace) async throws(Failure) -> SpaceRecord? {
        let record: SpaceRecord
        do throws(Failure) {
            record = try await hub.record()
        } catch {
            guard error.cause == .spaceMissing, office.arguments.has(named: "--missing-ok") else {
                throw error
            }
            return nil
        }
        // An old name leads to the Space that was moved, which nobody has named.
        guard record.id.lowercased() == space.description.lowercased() else {
            throw Failure(
                .refused, "\(space) is called \(record.id) now; nothing was deleted",
                hint: "spacesync delete \(record.id)")
        }
        return record
    }

    private func losses(_ record: SpaceRecord) -> [String] {
        let stage = record.info.runtime.map { ", \($0.stage)" } ?? ""
        return [
            "\(space) (\(record.visibility ?? "a Space")\(stage)), last changed \(Age.ago(record.lastModified))",
            "its files and their history, its secrets and variables are lost, and nobody brings them back",
            "a copy of the files: git clone \(office.workshop.endpoint)/spaces/\(space)",
        ]
    }
}

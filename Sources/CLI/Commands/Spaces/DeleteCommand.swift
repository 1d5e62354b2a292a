import Documentation
import HubAPI
import Reporting
import SpacesModel
import TextTools

/// The command `delete`: deletes a Space, after confirmation.
struct DeleteCommand: Sendable {
    static let command = Command(
        .delete, flags: [.yes, missingOK] + Flag.spaceCommand, ignoredFlags: [.type]
    ) { (invocation) async throws(DeployError) in
        let context = try await SpaceCommandContext(
            invocation, invocation.positionals(1...1, like: "delete owner/name --yes"))
        return try await DeleteCommand(context: context, space: context.space()).run()
    }

    private static let missingOK = Flag("--missing-ok", "succeed if the Space does not exist")

    let context: SpaceCommandContext
    let space: SpaceID

    func run() async -> Int {
        await context.withSpace(space) { (hub, _) async throws(DeployError) in
            guard let record = try await record(hub) else {
                return context.log("\(space) does not exist", about: space)
            }
            try await Confirmation(context, space).require(
                "Delete \(space) permanently", losses(record), line: "delete \(space)")
            try await hub.delete()
            context.results.write(
                space, text: ["\(space) deleted"], quiet: space.description, json: ["deleted": .bool(true)])
        }
    }

    /// Returns the Space's record; `nil` if the Space does not exist and `--missing-ok` is given.
    /// - Throws: kind `refused` if the name is an old one of a moved Space.
    private func record(_ hub: HubSpace) async throws(DeployError) -> SpaceRecord? {
        let record: SpaceRecord
        do throws(DeployError) {
            record = try await hub.record()
        } catch {
            guard error.cause == .spaceMissing, context.arguments.has(Self.missingOK) else {
                throw error
            }
            return nil
        }
        // The Hub redirects an old name to the moved Space, which the user has not named.
        guard record.id.lowercased() == space.description.lowercased() else {
            throw DeployError(
                .refused, "\(space) is now called \(record.id); nothing was deleted",
                hint: "spacesync delete \(record.id)")
        }
        return record
    }

    private func losses(_ record: SpaceRecord) -> [String] {
        let stage = record.info.runtime.map { ", \($0.stage)" } ?? ""
        return [
            "\(space) (\(record.visibility ?? "a Space")\(stage)), last changed \(RelativeTime.ago(record.lastModified))",
            "this deletes its files, history, secrets and variables; it cannot be undone",
            "to keep a copy of the files: git clone \(context.runContext.endpoint)/spaces/\(space)",
        ]
    }
}

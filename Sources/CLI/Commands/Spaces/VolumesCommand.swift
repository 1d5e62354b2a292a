import Documentation
import HubAPI
import Reporting
import SpacesModel
import TextTools

/// The command `volumes`: mounts, lists and unmounts the volumes of a Space.
struct VolumesCommand: SubcommandHandler {
    static let command = Command(
        .volumes, flags: [volume, .yes] + Flag.spaceCommand, output: [.json, .quiet, .noColor, .help]
    ) { (invocation) async throws(DeployError) in
        try await Subcommand.run(
            VolumesCommand.self, invocation, like: "set owner/name hf://buckets/owner/data:/data",
            flagValues: invocation.arguments.values(volume))
    }

    private static let volume = Flag(
        "--volume -v", value: "VOLUME", "volume to set, as in hf (repeatable)")

    let context: SpaceCommandContext
    let space: SpaceID
    let positionals: [String]

    func set() async throws(DeployError) -> Int {
        let desired = try volumes()
        return await context.withSpace(space) { (hub, _) async throws(DeployError) in
            let current = try await hub.volumes()
            let unchanged = current.filter { old in !desired.contains { $0.mountPath == old.mountPath } }
            guard !desired.map(\.description).allSatisfy(current.map(\.description).contains) else {
                return context.log("no change", about: space)
            }
            try await hub.setVolumes(unchanged + desired)
            desired.forEach { print($0, "set") }
        }
    }

    /// Parses the volumes that are named.
    /// - Throws: kind `usage` with all invalid ones, or if two have the same mount path.
    private func volumes() throws(DeployError) -> [Volume] {
        let example = "hf://buckets/owner/data:/data"
        guard !positionals.isEmpty else {
            throw DeployError(
                .usage, "no volume specified", hint: "spacesync volumes set \(space) \(example)")
        }
        let invalid = positionals.filter { Volume($0) == nil }
        guard invalid.isEmpty else {
            throw DeployError(
                .usage,
                invalid.count == 1
                    ? "\"\(invalid[0])\" is not a valid volume" : "\(invalid.count) invalid volumes",
                details: invalid.count == 1 ? [] : invalid,
                hint: "use hf://[models|datasets|spaces|buckets/]owner/name:/mount, for example \(example)")
        }
        let volumes = positionals.compactMap(Volume.init)
        let duplicatePaths = Dictionary(grouping: volumes, by: \.mountPath).filter { $1.count > 1 }.keys
            .sorted()
        guard let path = duplicatePaths.first else { return volumes }
        throw DeployError(
            .usage, "two volumes have the same mount path \(path)", hint: "use a different path for each")
    }

    func list() async -> Int {
        await context.withSpace(space) { (hub, _) async throws(DeployError) in
            let volumes = try await hub.volumes()
            volumes.forEach { print($0, nil) }
            if volumes.isEmpty { context.log("\(space) has no volumes", about: space) }
        }
    }

    func unset() async -> Int {
        await context.withSpace(space) { (hub, _) async throws(DeployError) in
            let current = try await hub.volumes()
            if positionals.isEmpty, !current.isEmpty {
                try await Confirmation(context, space).require(
                    "Unmount all volumes of \(space)", current.map { $0.description.visible },
                    line: "volumes unset \(space)")
            }
            let paths = positionals.isEmpty ? current.map(\.mountPath) : positionals
            for path in paths where !current.contains(where: { $0.mountPath == path }) {
                let near =
                    nearest(path, among: current.map(\.mountPath)).map { ": did you mean \($0)?" } ?? ""
                context.warn("\(space) has no volume at \(path)\(near)")
            }
            let removed = current.filter { paths.contains($0.mountPath) }
            guard !removed.isEmpty else { return }
            try await hub.setVolumes(current.filter { !paths.contains($0.mountPath) })
            removed.forEach { print($0, "unset") }
        }
    }

    private func print(_ volume: Volume, _ change: String?) {
        let text = volume.description.visible + (change.map { " " + $0 } ?? "")
        context.results.write(
            space, text: [text], quiet: volume.mountPath,
            json: [
                "volume": .string(volume.description), "type": .string(volume.type),
                "source": .string(volume.source), "mount_path": .string(volume.mountPath),
                "revision": .optional(volume.revision), "path": .optional(volume.path),
                "read_only": volume.isReadOnly.map(JSON.bool) ?? .null,
            ] + (change.map { ["change": .string($0)] } ?? [:]))
    }
}

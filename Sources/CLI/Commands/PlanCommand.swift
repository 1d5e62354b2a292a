import Deploy
import Documentation
import Essentials
import SpacesModel

/// The command `plan`: shows what a push would do.
enum PlanCommand {
    static let command = Command(
        .plan, flags: Flag.target + Flag.creating + [.prune, .force, .adopt, .diff, .exitCode, .out],
        ignoredFlags: Flag.push.filter {
            !Flag.creating.contains($0) && ![.force, .adopt, .prune].contains($0)
        }
    ) { (invocation) async throws(DeployError) in
        try await PushCommand(invocation, .plan).run()
    }
}

/// The file written by `plan --out` and read by `push --plan`: JSON, one object per Space.
struct PlanFile: Codable, Sendable {
    static let version = 1
    /// The maximum size in bytes; enough for changes of about 100,000 files.
    static let limit = 64 << 20

    /// The format version; the key identifies the file as a plan.
    var spacesyncPlan = PlanFile.version
    var spaces: [Entry]

    enum CodingKeys: String, CodingKey {
        case spacesyncPlan = "spacesync_plan"
        case spaces
    }

    struct Entry: Codable, Sendable {
        var space: String
        var endpoint: String
        var spaceBranch: String
        var spaceHead: String?
        var sourceRepository: String
        var sourceBranch: String?
        var sourceCommit: String
        var tree: String
        var baseImage: String?
        var settings: String
        var settingsValues: [String]
        var changes: [Line]

        enum CodingKeys: String, CodingKey {
            case space, endpoint, tree, settings, changes
            case spaceBranch = "space_branch"
            case spaceHead = "space_head"
            case sourceRepository = "source_repository"
            case sourceBranch = "source_branch"
            case sourceCommit = "source_commit"
            case baseImage = "base_image"
            case settingsValues = "settings_values"
        }
    }

    /// One change. The changes are for readers of the file; a push compares trees.
    struct Line: Codable, Sendable {
        var path: String
        var change: String
        var why: String
    }
}

extension PlanFile.Entry {
    init(_ record: SavedPlan, _ plan: Plan, endpoint: String) {
        self.init(
            space: record.space.description, endpoint: endpoint, spaceBranch: record.spaceBranch,
            spaceHead: record.spaceHead?.description, sourceRepository: record.repository,
            sourceBranch: record.branch, sourceCommit: record.sourceCommit.description,
            tree: record.tree.description, baseImage: record.baseImage, settings: record.settingsHash,
            settingsValues: record.values,
            changes: plan.changes.map { change in
                PlanFile.Line(
                    path: change.path.description, change: change.kind.rawValue, why: change.why)
            })
    }

    /// The saved plan; `nil` if a name or an object id is invalid.
    var record: SavedPlan? {
        guard let id = SpaceID(space), id.description == space, let commit = ObjectID(sourceCommit),
            let tree = ObjectID(tree)
        else { return nil }
        let head = spaceHead.map { ObjectID($0) }
        if case .some(.none) = head { return nil }
        return SavedPlan(
            space: id, spaceBranch: spaceBranch, spaceHead: head ?? nil, repository: sourceRepository,
            branch: sourceBranch, sourceCommit: commit, tree: tree, baseImage: baseImage,
            settingsHash: settings, values: settingsValues)
    }
}

extension PlanFile {
    /// Reads a file written by `plan --out`.
    /// - Throws: kind `settings`, with the reason, if the file is missing or not a valid plan.
    static func read(_ path: String, named name: String) throws(DeployError) -> PlanFile {
        guard let bytes = readFile(path, limit: limit) else {
            throw DeployError(
                .settings, "no plan file \(name)", hint: "create one: spacesync plan --out \(name)")
        }
        guard bytes.count <= limit else { throw invalidPlan(name, "it is larger than \(limit >> 20) MiB") }
        let file: PlanFile
        do {
            let version = try JSONDecoder().decode(Version.self, from: Data(bytes)).spacesync_plan
            guard version == Self.version else {
                throw DeployError(
                    .settings, "\(name) has plan format \(version), not \(Self.version)",
                    hint: "create the plan with the version of spacesync that pushes it")
            }
            file = try JSONDecoder().decode(PlanFile.self, from: Data(bytes))
        } catch let failure as DeployError { throw failure } catch { throw invalidPlan(name, message(error)) }
        try file.validate(name)
        return file
    }

    private struct Version: Decodable { var spacesync_plan: Int }

    private func validate(_ name: String) throws(DeployError) {
        guard !spaces.isEmpty else { throw Self.invalidPlan(name, "it contains no Space") }
        for (index, entry) in spaces.enumerated() where entry.record == nil {
            throw Self.invalidPlan(name, "spaces[\(index)] has an invalid name or id")
        }
        let names = Set(spaces.map { $0.space.lowercased() })
        guard names.count == spaces.count else { throw Self.invalidPlan(name, "it contains a Space twice") }
    }

    private static func invalidPlan(_ name: String, _ reason: String) -> DeployError {
        DeployError(
            .settings, "\(name) is not a valid plan: \(reason)",
            hint: "create one: spacesync plan --out FILE")
    }

    private static func message(_ error: any Error) -> String {
        func description(_ path: [any CodingKey]) -> String {
            path.map { key in key.intValue.map { "[\($0)]" } ?? key.stringValue }.joined(separator: ".")
        }
        switch error {
        case DecodingError.keyNotFound(let key, let context):
            return "missing value: \(description(context.codingPath + [key]))"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            return "\(description(context.codingPath)) has the wrong type"
        default: return "it is not JSON"
        }
    }

    /// Writes the file atomically, readable only by its owner, because it lists the files of a
    /// private Space.
    /// - Throws: kind `usage` if the path cannot be written.
    func write(to path: String, named name: String) throws(DeployError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let text = try? encoder.encode(self) + Data("\n".utf8) else {
            throw DeployError(.internalError, "the plan cannot be written as JSON")
        }
        do throws(FileError) { try writeAtomically(text, to: path, mode: 0o600) } catch {
            let failure = DeployError(
                .usage, "cannot write the plan to \(name)", details: [error.message],
                hint: "use a file in a writable directory")
            throw error.failure(writing: path, else: failure)
        }
    }
}

/// The plans that a push must match; empty without `--plan`.
struct SavedPlans: Sendable {
    private let name: String
    private let entries: [PlanFile.Entry]
    private let records: [SavedPlan]

    /// - Throws: kind `settings` if the file is not a plan.
    init(_ arguments: Arguments, _ environment: CommandEnvironment) throws(DeployError) {
        guard let name = arguments.value(.plan) else {
            (self.name, entries, records) = ("", [], [])
            return
        }
        let file = try PlanFile.read(environment.absolute(name), named: name)
        (self.name, entries, records) = (name, file.spaces, file.spaces.compactMap(\.record))
    }

    /// Returns the Spaces of a run: those named, which must all be in the plan, or all Spaces of
    /// the plan.
    /// - Throws: kind `usage` if a named Space is not in the plan.
    func names(_ arguments: [String], owner: String?) throws(DeployError) -> [String] {
        guard !records.isEmpty else { return arguments }
        let planned = records.map(\.space.description)
        for argument in arguments {
            let space = SpaceID(argument) ?? owner.flatMap { SpaceID(owner: $0, name: argument) }
            guard !planned.contains(space?.description ?? argument) else { continue }
            throw DeployError(
                .usage, "\(argument) is not in the plan \(name)",
                details: ["it contains: \(planned.joined(separator: ", "))"])
        }
        return arguments.isEmpty ? planned : arguments
    }

    /// - Throws: kind `blocked` if the plan was made for another Hub.
    func check(_ endpoint: HubEndpoint) throws(DeployError) {
        guard let entry = entries.first(where: { $0.endpoint != endpoint.description }) else { return }
        throw DeployError(
            .blocked, "the plan \(name) is for another Hub; nothing was pushed",
            details: ["planned for \(entry.endpoint), but the Hub is \(endpoint)"],
            hint: "create a new plan, or set HF_ENDPOINT=\(entry.endpoint)")
    }

    func record(of space: SpaceID) -> SavedPlan? { records.first { $0.space == space } }
}

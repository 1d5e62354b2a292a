import Deploy
import Essentials
import SpacesModel

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

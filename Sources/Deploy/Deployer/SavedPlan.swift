import DeploySettings
import SpacesModel

/// The state that a plan is based on, saved by `plan --out`: a later push compares it with the
/// current state.
package struct SavedPlan: Hashable, Sendable {
    package var space: SpaceID
    package var spaceBranch: String
    /// The Space's head; `nil` if the Space had no commit.
    package var spaceHead: ObjectID?
    package var repository: String
    /// The source branch as it was given; `nil` if a commit was given.
    package var branch: String?
    package var sourceCommit: ObjectID
    package var tree: ObjectID
    /// The base image, canonical and with its digest.
    package var baseImage: String?
    /// The fingerprint of `values`.
    package var settingsHash: String
    /// The settings that shape the tree, as `KEY = VALUE`, for display.
    package var values: [String]

    package init(
        space: SpaceID, spaceBranch: String, spaceHead: ObjectID?, repository: String, branch: String?,
        sourceCommit: ObjectID, tree: ObjectID, baseImage: String? = nil, settingsHash: String,
        values: [String]
    ) {
        (self.space, self.spaceBranch, self.spaceHead) = (space, spaceBranch, spaceHead)
        (self.repository, self.branch, self.sourceCommit) = (repository, branch, sourceCommit)
        (self.tree, self.baseImage, self.settingsHash, self.values) = (tree, baseImage, settingsHash, values)
    }

    init(_ target: Target, _ snapshot: SourceSnapshot, _ state: SpaceHead, _ composition: ComposedTree) {
        let contentTarget = target.withContentSettingsOnly
        self.init(
            space: target.space, spaceBranch: target.spaceBranch, spaceHead: state.head?.id,
            repository: snapshot.repository, branch: snapshot.branch, sourceCommit: snapshot.commit.id,
            tree: composition.tree, baseImage: composition.baseImage,
            settingsHash: contentTarget.settingsHash,
            values: contentTarget.resolvedSettings.map(\.shown))
    }

    /// Returns the differences, one line each: the Space, the source, the settings, and the tree if
    /// nothing else explains it.
    package func differences(from now: SavedPlan) -> [String] {
        var found: [String] = []
        if spaceHead != now.spaceHead {
            let (oldHead, newHead) = (Self.describe(spaceHead), Self.describe(now.spaceHead))
            found.append("the Space \(space): \(spaceBranch) was \(oldHead), now \(newHead)")
        }
        if repository != now.repository {
            found.append("the source: was \(repository), now \(now.repository)")
        }
        if sourceCommit != now.sourceCommit {
            let name = now.branch ?? branch ?? "HEAD"
            found.append("the source: \(name) was \(sourceCommit.short), now \(now.sourceCommit.short)")
        }
        if settingsHash == now.settingsHash, baseImage != now.baseImage {
            found.append("the image: was \(baseImage ?? "none"), now \(now.baseImage ?? "none")")
        }
        if settingsHash != now.settingsHash { found += settingsDifferences(from: now) }
        if found.isEmpty, tree != now.tree {
            found.append("the tree: was \(tree.short), now \(now.tree.short)")
        }
        return found
    }

    private func settingsDifferences(from now: SavedPlan) -> [String] {
        let removed = values.filter { !now.values.contains($0) }.map { "the settings: no longer \($0)" }
        let added = now.values.filter { !values.contains($0) }.map { "the settings: now \($0)" }
        return removed.isEmpty && added.isEmpty ? ["the settings"] : removed + added
    }

    private static func describe(_ id: ObjectID?) -> String { id?.short ?? "missing" }
}

import DeploySettings
import SpacesModel

/// What a plan stands on: enough to tell later whether a push would still send the same.
package struct SavedPlan: Hashable, Sendable {
    package var space: SpaceID
    package var spaceBranch: String
    /// The Space's head; nil when there was none.
    package var spaceHead: ObjectID?
    package var repository: String
    /// As it was named; nil for a commit.
    package var branch: String?
    package var sourceCommit: ObjectID
    package var tree: ObjectID
    /// The image that it is built on, canonical and with its digest.
    package var baseImage: String?
    /// Tells two states of `values` apart.
    package var settingsHash: String
    /// The settings that shape what is sent, as `KEY = VALUE`, for people.
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
        let shaping = target.withContentSettingsOnly
        self.init(
            space: target.space, spaceBranch: target.spaceBranch, spaceHead: state.head?.id,
            repository: snapshot.repository, branch: snapshot.branch, sourceCommit: snapshot.commit.id,
            tree: composition.tree, baseImage: composition.baseImage, settingsHash: shaping.settingsHash,
            values: shaping.resolvedSettings.map(\.shown))
    }

    /// What differs now, a line each: the Space, the source, the settings, and the tree when nothing else explains it.
    package func differences(from now: SavedPlan) -> [String] {
        var found: [String] = []
        if spaceHead != now.spaceHead {
            let (then, here) = (Self.describe(spaceHead), Self.describe(now.spaceHead))
            found.append("the Space \(space): \(spaceBranch) was \(then) and is \(here)")
        }
        if repository != now.repository {
            found.append("the source: it was \(repository) and is \(now.repository)")
        }
        if sourceCommit != now.sourceCommit {
            let name = now.branch ?? branch ?? "HEAD"
            found.append("the source: \(name) was \(sourceCommit.short) and is \(now.sourceCommit.short)")
        }
        if settingsHash == now.settingsHash, baseImage != now.baseImage {
            found.append("the image: it was \(baseImage ?? "none") and is \(now.baseImage ?? "none")")
        }
        if settingsHash != now.settingsHash { found += settingsDifferences(from: now) }
        if found.isEmpty, tree != now.tree {
            found.append("the tree: it was \(tree.short) and is \(now.tree.short)")
        }
        return found
    }

    private func settingsDifferences(from now: SavedPlan) -> [String] {
        let gone = values.filter { !now.values.contains($0) }.map { "the settings: no longer \($0)" }
        let new = now.values.filter { !values.contains($0) }.map { "the settings: now \($0)" }
        return gone.isEmpty && new.isEmpty ? ["the settings"] : gone + new
    }

    private static func describe(_ id: ObjectID?) -> String { id?.short ?? "not there" }
}

extension Target {
    /// With the settings alone that shape what is sent: not those that say how a run goes about it.
    var withContentSettingsOnly: Target {
        let manners: Set<String> = ["create", "deleteLimit", "timeout", "wake", "rebuild", "manual"]
        var target = self
        target.resolvedSettings = resolvedSettings.filter {
            !manners.contains($0.key) && !$0.isVisibilityByFlag
        }
        return target
    }
}

extension Target.ResolvedSetting {
    /// Of a Space that is to be created, said at the very push that creates it.
    fileprivate var isVisibilityByFlag: Bool {
        if case .flag = origin { key == "visibility" } else { false }
    }
}

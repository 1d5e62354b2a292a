import DeploySettings
import SpacesModel

/// What a plan stands on: enough to tell later whether a push would still send the same.
package struct PlanRecord: Hashable, Sendable {
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
    package var settings: String
    /// The settings that shape what is sent, as `KEY = VALUE`, for people.
    package var values: [String]

    package init(
        space: SpaceID, spaceBranch: String, spaceHead: ObjectID?, repository: String, branch: String?,
        sourceCommit: ObjectID, tree: ObjectID, baseImage: String? = nil, settings: String, values: [String]
    ) {
        (self.space, self.spaceBranch, self.spaceHead) = (space, spaceBranch, spaceHead)
        (self.repository, self.branch, self.sourceCommit) = (repository, branch, sourceCommit)
        (self.tree, self.baseImage, self.settings, self.values) = (tree, baseImage, settings, values)
    }

    init(_ target: Target, _ snapshot: Snapshot, _ state: SpaceState, _ composition: Composition) {
        let shaping = target.shaping
        self.init(
            space: target.space, spaceBranch: target.spaceBranch, spaceHead: state.head?.id,
            repository: snapshot.repository, branch: snapshot.branch, sourceCommit: snapshot.commit.id,
            tree: composition.tree, baseImage: composition.baseImage, settings: shaping.settingsHash,
            values: shaping.effective.map(\.shown))
    }

    /// What differs now, a line each: the Space, the source, the settings, and the tree when nothing else explains it.
    package func differences(from now: PlanRecord) -> [String] {
        var found: [String] = []
        if spaceHead != now.spaceHead {
            let (then, here) = (Self.shown(spaceHead), Self.shown(now.spaceHead))
            found.append("the Space \(space): \(spaceBranch) was \(then) and is \(here)")
        }
        if repository != now.repository {
            found.append("the source: it was \(repository) and is \(now.repository)")
        }
        if sourceCommit != now.sourceCommit {
            let name = now.branch ?? branch ?? "HEAD"
            found.append("the source: \(name) was \(sourceCommit.short) and is \(now.sourceCommit.short)")
        }
        if settings == now.settings, baseImage != now.baseImage {
            found.append("the image: it was \(baseImage ?? "none") and is \(now.baseImage ?? "none")")
        }
        if settings != now.settings { found += settingsDifferences(from: now) }
        if found.isEmpty, tree != now.tree {
            found.append("the tree: it was \(tree.short) and is \(now.tree.short)")
        }
        return found
    }

    private func settingsDifferences(from now: PlanRecord) -> [String] {
        let gone = values.filter { !now.values.contains($0) }.map { "the settings: no longer \($0)" }
        let new = now.values.filter { !values.contains($0) }.map { "the settings: now \($0)" }
        return gone.isEmpty && new.isEmpty ? ["the settings"] : gone + new
    }

    private static func shown(_ id: ObjectID?) -> String { id?.short ?? "not there" }
}

extension Target {
    /// With the settings alone that shape what is sent: not those that say how a run goes about it.
    var shaping: Target {
        let manners: Set<String> = ["create", "deleteLimit", "timeout", "wake", "rebuild", "manual"]
        var target = self
        target.effective = effective.filter { !manners.contains($0.key) && !$0.isVisibilityByFlag }
        return target
    }
}

extension Target.Effective {
    /// Of a Space that is to be created, said at the very push that creates it.
    fileprivate var isVisibilityByFlag: Bool {
        if case .flag = origin { key == "visibility" } else { false }
    }
}

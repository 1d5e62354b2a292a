import DeploySettings
import GitPatterns
import SpacesModel

/// A source commit that is deployed and that the commit to deploy does not descend from.
struct BehindRelation: Hashable, Sendable {
    /// The Space's commit that deployed it.
    var deploy: Commit
    var deployed: ObjectID
    /// Commits that would be taken back, newest first; `nil` if nobody has the deployed commit.
    var revertedCommits: [Commit]?
    /// The commit to deploy is an ancestor of the deployed one.
    var isAncestor = false
    /// Only a remote has the deployed commit.
    var isOnlyRemote = false
    /// Both come from the same branch, as far as that was recorded.
    var isSameBranch = false
    /// The history of the source breaks off here.
    var isShallow = false
}

/// Whether a push would take back commits that somebody else deployed: a stale clone would undo a colleague's work.
extension Deployer {
    /// Adds an objection or a warning if the push would take back source commits, or ends the run as superseded.
    func checkBehind(_ prepared: inout PreparedDeploy, _ baseline: DeployBaseline) async throws(DeployError) {
        guard let behind = try await findBehindRelation(baseline, prepared.snapshot) else { return }
        let isRefused =
            behind.isSameBranch && behind.revertedCommits != nil && (behind.isAncestor || behind.isOnlyRemote)
        var objection = behindViolation(to: behind, prepared.snapshot)
        if isRefused, behind.isAncestor, options.isAutomatic {
            prepared.supersededError = Self.superseded(by: objection, target.space)
        } else if isRefused {
            prepared.guardViolations.append(objection)
        } else {
            objection.prompt = "Deploy \(prepared.snapshot.commit.id.short) all the same?"
            prepared.warnings.append(objection)
        }
    }

    /// - Returns: nil if the deployed commit is part of the source's history, nothing of it would be lost, or going back
    ///   is meant.
    private func findBehindRelation(_ baseline: DeployBaseline, _ snapshot: SourceSnapshot)
        async throws(DeployError) -> BehindRelation?
    {
        guard snapshot.promotion == nil, !snapshot.isFromSpace, !snapshot.isFixed,
            !options.overriddenGuards.contains(.behind), let deploy = baseline.lastDeploy, deploy.isDeploy
        else { return nil }
        let (trailers, tip) = (Trailers(of: deploy.message), snapshot.commit)
        guard let deployed = trailers["Source-Commit"].flatMap({ ObjectID($0) }), deployed != tip.id,
            !tip.parents.contains(deployed), !options.wasMovedBack(deployed)
        else { return nil }
        var behind = BehindRelation(deploy: deploy, deployed: deployed)
        let branch = trailers["Source-Branch"]
        // A CI job often checks out a commit without its branch.
        behind.isSameBranch =
            branch == nil || branch == snapshot.branch || (snapshot.branch == nil && options.isAutomatic)
        if let (lost, isAncestor) = await localRelation(tip.id, deployed) {
            (behind.revertedCommits, behind.isAncestor) = (lost, isAncestor)
        } else {
            try await fetchRelation(about: tip.id, &behind)
            let isMeant = target.trace == "none" || options.overriddenGuards.contains(.repository)
            guard behind.revertedCommits != nil else { return isMeant ? nil : behind }
        }
        var wanted: [Commit] = []
        for commit in behind.revertedCommits ?? [] where try await changesSelection(commit) {
            wanted.append(commit)
        }
        behind.revertedCommits = wanted
        return wanted.isEmpty ? nil : behind
    }

    /// Compares both commits in the source repository alone; nil if it lacks the deployed commit or is too shallow.
    private func localRelation(
        _ tip: ObjectID, _ deployed: ObjectID
    ) async -> (lost: [Commit], isAncestor: Bool)? {
        guard await source.contains(commit: deployed) else { return nil }
        do throws(DeployError) {
            let lost = try await store.commits(from: deployed, beyond: [tip])
            guard !lost.isEmpty else { return ([], false) }
            let isAncestor = try await store.commits(from: tip, beyond: [deployed]).isEmpty
            return (lost.reversed(), isAncestor)
        } catch { return nil }
    }

    /// Asks the source's server or its remotes for the deployed commit and those before it, and for those behind the
    /// boundary of a shallow clone.
    private func fetchRelation(about tip: ObjectID, _ relation: inout BehindRelation)
        async throws(DeployError)
    {
        let near = await store.newestCommits(from: tip, limit: Self.commitLimit)
        let known = CommitGraph(near)
        let boundary = near.filter { commit in commit.parents.contains { !known.contains($0) } }.map(\.id)
        relation.isShallow = !boundary.isEmpty && near.count < Self.commitLimit
        let tips = [relation.deployed] + (relation.isShallow ? boundary.prefix(Self.boundaryLimit) : [])
        let graph = CommitGraph(near + (await source.commits(leadingTo: tips, limit: Self.commitLimit)))
        guard !Task.isCancelled else { throw DeployError(.interrupted, "interrupted") }
        guard graph.contains(relation.deployed) else { return }
        relation.revertedCommits = graph.commits(from: relation.deployed, beyond: tip)
        relation.isAncestor = graph.commits(from: tip, beyond: relation.deployed).isEmpty
        relation.isOnlyRemote = true
    }

    private static var commitLimit: Int { 1_000 }
    private static var boundaryLimit: Int { 50 }

    /// Whether a commit changes a file that the target deploys; true if its trees are not available.
    private func changesSelection(_ commit: Commit) async throws(DeployError) -> Bool {
        guard !commit.parents.isEmpty else { return true }
        let selection = Selection(target)
        for parent in commit.parents {
            do throws(DeployError) {
                let before = try await store.commit(parent).tree
                let changes = try await TreeDiff(from: before, to: commit.tree, in: store)
                // A merge that is like one of its parents changes nothing itself.
                guard changes.files.contains(where: { target.deploys($0.path, selection) }) else {
                    return false
                }
            } catch {
                guard error.kind != .interrupted else { throw error }
                return true
            }
        }
        return true
    }
}

extension Target {
    /// Whether a file of the source has a part in what is deployed.
    fileprivate func deploys(_ path: Path, _ selection: Selection) -> Bool {
        if maps.contains(where: { $0.from.contains(path) }) || path == dockerfile || path == cardFile {
            return true
        }
        return root.contains(path) && selection.selects(path.removingPrefix(root), isDirectory: false)
    }
}

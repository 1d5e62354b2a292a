import DeploySettings
import GitPatterns
import SpacesModel
import TextTools

/// The relation between the deployed source commit and the commit to deploy, which does not descend
/// from it.
struct BehindRelation: Hashable, Sendable {
    /// The commit of the Space that deployed the source commit.
    var deploy: Commit
    var deployed: ObjectID
    /// The commits that the deploy would revert, newest first; `nil` if the deployed commit is not
    /// available.
    var revertedCommits: [Commit]?
    /// Whether the commit to deploy is an ancestor of the deployed one.
    var isAncestor = false
    /// Whether only a remote has the deployed commit.
    var isOnlyRemote = false
    /// Whether both commits come from the same branch, as far as the deploy recorded its branch.
    var isSameBranch = false
    /// Whether the source is a shallow clone, whose history is incomplete.
    var isShallow = false
}

/// The guard `behind`: blocks a push that would revert commits that another user deployed, for example
/// from a stale clone.
struct BehindGuard: Sendable {
    let target: Target
    let environment: DeployEnvironment
    let options: DeployOptions
    private var objects: any ObjectDatabase { environment.objects }

    /// Adds a violation or a warning if the push would revert source commits, or marks the deploy as
    /// superseded.
    func check(_ deploy: inout PreparedDeploy) async throws(DeployError) {
        guard let relation = try await findRelation(deploy.baseline, deploy.source) else { return }
        let isBlocked =
            relation.isSameBranch && relation.revertedCommits != nil
            && (relation.isAncestor || relation.isOnlyRemote)
        var violation = violation(of: relation, deploy.source)
        if isBlocked, relation.isAncestor, options.isAutomatic {
            deploy.supersededError = Self.superseded(by: violation, target.space)
        } else if isBlocked {
            deploy.violations.append(violation)
        } else {
            violation.prompt = "Deploy \(deploy.source.commit.id.short) anyway?"
            deploy.warnings.append(violation)
        }
    }

    /// - Returns: `nil` if the deployed commit is part of the source's history, no selected file would
    ///   be reverted, or the revert is intended.
    private func findRelation(_ baseline: DeployBaseline, _ snapshot: SourceSnapshot)
        async throws(DeployError) -> BehindRelation?
    {
        guard snapshot.promotion == nil, !snapshot.isFromSpace, !snapshot.isFixed,
            !options.overriddenGuards.contains(.behind), let deploy = baseline.lastDeploy, deploy.isDeploy
        else { return nil }
        let (trailers, tip) = (Trailers(of: deploy.message), snapshot.commit)
        guard let deployed = trailers["Source-Commit"].flatMap({ ObjectID($0) }), deployed != tip.id,
            !tip.parents.contains(deployed), !options.wasMovedBack(deployed)
        else { return nil }
        var relation = BehindRelation(deploy: deploy, deployed: deployed)
        let branch = trailers["Source-Branch"]
        // A CI job often checks out a commit without its branch.
        relation.isSameBranch =
            branch == nil || branch == snapshot.branch || (snapshot.branch == nil && options.isAutomatic)
        if let (revertedCommits, isAncestor) = await localRelation(tip.id, deployed) {
            (relation.revertedCommits, relation.isAncestor) = (revertedCommits, isAncestor)
        } else {
            try await fetchRelation(about: tip.id, &relation)
            let isIntended = target.trace == "none" || options.overriddenGuards.contains(.repository)
            guard relation.revertedCommits != nil else { return isIntended ? nil : relation }
        }
        var selectedCommits: [Commit] = []
        for commit in relation.revertedCommits ?? [] where try await changesSelection(commit) {
            selectedCommits.append(commit)
        }
        relation.revertedCommits = selectedCommits
        return selectedCommits.isEmpty ? nil : relation
    }

    /// Compares both commits in the local source repository; `nil` if it lacks the deployed commit or
    /// is too shallow.
    private func localRelation(
        _ tip: ObjectID, _ deployed: ObjectID
    ) async -> (revertedCommits: [Commit], isAncestor: Bool)? {
        guard await environment.source?.contains(commit: deployed) == true else { return nil }
        do throws(DeployError) {
            let revertedCommits = try await objects.commits(from: deployed, beyond: [tip])
            guard !revertedCommits.isEmpty else { return ([], false) }
            let isAncestor = try await objects.commits(from: tip, beyond: [deployed]).isEmpty
            return (revertedCommits.reversed(), isAncestor)
        } catch { return nil }
    }

    /// Fetches the deployed commit and its ancestors from the source's server or its remotes, and for a
    /// shallow clone the commits beyond its boundary.
    private func fetchRelation(about tip: ObjectID, _ relation: inout BehindRelation)
        async throws(DeployError)
    {
        let localCommits = await objects.newestCommits(from: tip, limit: Self.commitLimit)
        let localGraph = CommitGraph(localCommits)
        let boundary = localCommits.filter { commit in commit.parents.contains { !localGraph.contains($0) } }
            .map(\.id)
        relation.isShallow = !boundary.isEmpty && localCommits.count < Self.commitLimit
        let tips = [relation.deployed] + (relation.isShallow ? boundary.prefix(Self.boundaryLimit) : [])
        let graph = CommitGraph(
            localCommits + (await environment.commits(leadingTo: tips, limit: Self.commitLimit)))
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
                let before = try await objects.commit(parent).tree
                let changes = try await TreeDiff(from: before, to: commit.tree, in: objects)
                // A merge whose selected files equal those of a parent changes nothing itself.
                guard changes.files.contains(where: { deploys($0.path, selection) }) else {
                    return false
                }
            } catch {
                guard error.kind != .interrupted else { throw error }
                return true
            }
        }
        return true
    }

    /// Whether a file of the source affects the deployed tree.
    private func deploys(_ path: Path, _ selection: Selection) -> Bool {
        if target.maps.contains(where: { $0.from.contains(path) }) || path == target.dockerfile
            || path == target.cardFile
        {
            return true
        }
        return target.root.contains(path)
            && selection.selects(path.removingPrefix(target.root), isDirectory: false)
    }
}

/// Messages and hints of the guard.
extension BehindGuard {
    private func violation(of relation: BehindRelation, _ snapshot: SourceSnapshot) -> GuardViolation {
        guard let revertedCommits = relation.revertedCommits else {
            return unknownCommitViolation(relation, snapshot)
        }
        let message: String
        if relation.isAncestor, relation.isSameBranch {
            message =
                "\(target.space) has a newer commit of \(snapshot.shownBranch); this deploy would revert it"
        } else {
            message =
                "\(target.space) has commits that \(snapshot.shownBranch) does not have; this deploy would revert them"
        }
        return GuardViolation(
            guardName: .behind, message: message, details: details(of: relation, revertedCommits, snapshot),
            hints: ["to get them first: " + command(for: relation)],
            overrideHint: "to deploy \(snapshot.commit.id.short) anyway")
    }

    /// Returns a one-line violation for a deployed commit that neither the source nor its server or
    /// remotes have.
    private func unknownCommitViolation(_ relation: BehindRelation, _ snapshot: SourceSnapshot)
        -> GuardViolation
    {
        let message =
            "\(target.space) was deployed from \(relation.deployed.short)\(origin(of: relation)), which neither "
            + "\(snapshot.repository) nor its remotes have; to compare: git fetch origin \(relation.deployed)"
        var violation = GuardViolation(guardName: .behind, message: message, details: [], hints: [])
        violation.isQuiet = relation.isShallow
        return violation
    }

    private func details(of relation: BehindRelation, _ revertedCommits: [Commit], _ snapshot: SourceSnapshot)
        -> [String]
    {
        let count = counted(revertedCommits.count, "commit")
        return [
            "deployed: \(relation.deployed.short) \(relation.deploy.shownSubject)\(origin(of: relation))",
            "this:     \(snapshot.commit.id.short) \(snapshot.commit.shownSubject)",
            "\(count) would be reverted:",
        ] + revertedCommits.prefix(5).map { "  \($0.id.short) \($0.shownSubject)" }
            + (revertedCommits.count > 5 ? ["  … and \(revertedCommits.count - 5) more"] : [])
    }

    /// Returns the git command that merges the deployed commit into the branch.
    private func command(for relation: BehindRelation) -> String {
        guard relation.isSameBranch else {
            let fetch = relation.isOnlyRemote ? "git fetch --all && " : ""
            return fetch + "git merge \(relation.deployed.short)"
        }
        return relation.isAncestor ? "git pull" : "git pull --rebase"
    }

    /// Returns ` (BRANCH, by ACTOR, 5 min ago)` of the deploy, as far as its commit records that.
    private func origin(of relation: BehindRelation) -> String {
        let trailers = Trailers(of: relation.deploy.message)
        let parts = [
            trailers["Source-Branch"]?.shortened(to: ShownLimit.branch),
            trailers["Deployed-By"].map { "by \($0.redactedURL.shortened(to: 100))" },
            relation.deploy.commitTime.map { Duration.ago($0, now: options.now()) },
        ].compactMap { $0 }
        return parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))"
    }

    /// Returns the error that ends a run of a hook or CI job whose commit is older than the deployed
    /// one.
    /// - Parameter violation: the violation that would block an interactive push.
    static func superseded(by violation: GuardViolation, _ space: SpaceID) -> DeployError {
        DeployError(
            .tryLater, violation.message, details: violation.details,
            hint: "\(violation.overrideHint): spacesync push \(space) --force=behind", cause: .superseded)
    }
}

extension SourceSnapshot {
    fileprivate var shownBranch: String { branch?.shortened(to: ShownLimit.branch) ?? "the source" }
}

/// A graph of the known commits and their parents; some ancestors may be missing.
struct CommitGraph: Sendable {
    private var commits: [ObjectID: Commit] = [:]

    init(_ commits: [Commit]) {
        for commit in commits { self.commits[commit.id] = commit }
    }

    func contains(_ id: ObjectID) -> Bool { commits[id] != nil }

    /// Returns the commits that are reachable from a tip but not from another commit, newest first, and
    /// children before parents of the same date.
    func commits(from tip: ObjectID, beyond other: ObjectID) -> [Commit] {
        var seen = ancestors(of: other)
        var (result, queue): ([Commit], [Commit]) = ([], [])
        func add(_ id: ObjectID) {
            if seen.insert(id).inserted, let commit = commits[id] { queue.append(commit) }
        }
        add(tip)
        while let newest = queue.indices.max(by: { queue[$0].date < queue[$1].date }) {
            let commit = queue.remove(at: newest)
            result.append(commit)
            commit.parents.forEach(add)
        }
        return result
    }

    /// Returns the known ancestors of a commit, including the commit itself.
    private func ancestors(of tip: ObjectID) -> Set<ObjectID> {
        var (result, queue): (Set<ObjectID>, [ObjectID]) = ([], [tip])
        while let next = queue.popLast() {
            guard result.insert(next).inserted, let commit = commits[next] else { continue }
            queue += commit.parents
        }
        return result
    }
}

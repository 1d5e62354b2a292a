import DeploySettings
import SpacesModel
import TextTools

/// Messages and hints of the guard `behind`.
extension Deployer {
    func behindViolation(to relation: BehindRelation, _ snapshot: SourceSnapshot) -> GuardViolation {
        guard let revertedCommits = relation.revertedCommits else {
            return unknownCommitViolation(relation, snapshot)
        }
        let message: String
        if relation.isAncestor, relation.isSameBranch {
            message =
                "\(target.space) has a newer commit of \(snapshot.shownBranch); this one would take it back"
        } else {
            message =
                "\(target.space) has commits that \(snapshot.shownBranch) does not; this deploy would take them back"
        }
        return GuardViolation(
            guardName: .behind, message: message, details: details(of: relation, revertedCommits, snapshot),
            hints: ["to get them first: " + command(for: relation)],
            overrideHint: "to deploy \(snapshot.commit.id.short) all the same")
    }

    /// Returns a one-line violation for a deployed commit that neither the source nor its server or
    /// remotes have.
    private func unknownCommitViolation(_ relation: BehindRelation, _ snapshot: SourceSnapshot)
        -> GuardViolation
    {
        let message =
            "\(target.space) was deployed from \(relation.deployed.short)\(origin(of: relation)), which neither "
            + "\(snapshot.repository) nor a remote of it has; to compare: git fetch origin \(relation.deployed)"
        var violation = GuardViolation(guardName: .behind, message: message, details: [], hints: [])
        violation.isQuiet = relation.isShallow
        return violation
    }

    private func details(of relation: BehindRelation, _ revertedCommits: [Commit], _ snapshot: SourceSnapshot)
        -> [String]
    {
        let count = revertedCommits.count == 1 ? "1 commit" : "\(revertedCommits.count) commits"
        return [
            "deployed: \(relation.deployed.short) \(relation.deploy.shownSubject)\(origin(of: relation))",
            "this:     \(snapshot.commit.id.short) \(snapshot.commit.shownSubject)",
            "\(count) would be taken back:",
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

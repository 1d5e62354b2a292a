import DeploySettings
import SpacesModel
import TextTools

/// Messages and hints of the guard `behind`.
extension Deployment {
    func objection(to behind: Behind, _ snapshot: Snapshot) -> Objection {
        guard let lost = behind.lost else { return unknown(behind, snapshot) }
        let message: String
        if behind.isAncestor, behind.isSameBranch {
            message =
                "\(target.space) has a newer commit of \(snapshot.shownBranch); this one would take it back"
        } else {
            message =
                "\(target.space) has commits that \(snapshot.shownBranch) does not; this deploy would take them back"
        }
        return Objection(
            guardName: .behind, message: message, details: details(of: behind, lost, snapshot),
            hints: ["to get them first: " + command(for: behind)],
            passing: "to deploy \(snapshot.commit.id.short) all the same")
    }

    /// One line, if neither the source nor its server or remotes have the deployed commit.
    private func unknown(_ behind: Behind, _ snapshot: Snapshot) -> Objection {
        let message =
            "\(target.space) was deployed from \(behind.deployed.short)\(origin(of: behind)), which neither "
            + "\(snapshot.repository) nor a remote of it has; to compare: git fetch origin \(behind.deployed)"
        var objection = Objection(guardName: .behind, message: message, details: [], hints: [])
        objection.isQuiet = behind.isShallow
        return objection
    }

    private func details(of behind: Behind, _ lost: [Commit], _ snapshot: Snapshot) -> [String] {
        let count = lost.count == 1 ? "1 commit" : "\(lost.count) commits"
        return [
            "deployed: \(behind.deployed.short) \(behind.deploy.shownSubject)\(origin(of: behind))",
            "this:     \(snapshot.commit.id.short) \(snapshot.commit.shownSubject)",
            "\(count) would be taken back:",
        ] + lost.prefix(5).map { "  \($0.id.short) \($0.shownSubject)" }
            + (lost.count > 5 ? ["  … and \(lost.count - 5) more"] : [])
    }

    /// The git command that brings the deployed commit into the branch.
    private func command(for behind: Behind) -> String {
        guard behind.isSameBranch else {
            let fetch = behind.isOnlyRemote ? "git fetch --all && " : ""
            return fetch + "git merge \(behind.deployed.short)"
        }
        return behind.isAncestor ? "git pull" : "git pull --rebase"
    }

    /// ` (BRANCH, by ACTOR, 5 min ago)` of the deploy, as far as its commit records that.
    private func origin(of behind: Behind) -> String {
        let trailers = Trailers(of: behind.deploy.message)
        let known = [
            trailers["Source-Branch"]?.shortened(to: ShownLimit.branch),
            trailers["Deployed-By"].map { "by \($0.redactedURL.shortened(to: 100))" },
            behind.deploy.committed.map { Duration.ago($0, now: options.now()) },
        ].compactMap { $0 }
        return known.isEmpty ? "" : " (\(known.joined(separator: ", ")))"
    }

    /// The end of a hook's or CI job's run whose commit is older than the deployed one.
    /// - Parameter objection: the one that would refuse a person's push.
    static func overtaken(by objection: Objection, _ space: SpaceID) -> Failure {
        Failure(
            .tryLater, objection.message, details: objection.details,
            hint: "\(objection.passing): spacesync push \(space) --force=behind", cause: .superseded)
    }
}

extension Snapshot {
    fileprivate var shownBranch: String { branch?.shortened(to: ShownLimit.branch) ?? "the source" }
}

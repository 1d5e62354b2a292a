import DeploySettings
import SpacesModel

/// The way back: an earlier tree of the Space becomes its newest commit. No source is asked.
extension Deployment {
    package func rollback(to goal: RollbackGoal) async -> Report {
        await reporting { (report) async throws(Failure) in
            let before = options.isPlan ? nil : await info()
            report.appURL = before?.appURL
            guard !options.isPlan else {
                _ = try await planBack(to: goal, nil, &report)
                return report.outcome = .planned
            }
            let way = try await locked { () async throws(Failure) -> WayBack? in
                guard var way = try await planBack(to: goal, before, &report) else { return nil }
                way.release = try await releaseTrailers(after: way.present, before)
                report.commit = try await push(way)
                return way
            }
            guard let way else { return report.outcome = .unchanged }
            try await settlePushed(way.prepared(report.commit, space), before, &report)
            if report.outcome == .deployed { report.outcome = .rolledBack }
            tellWhenAgain(way)
        }
    }

    /// - Parameter before: the Space from before the rollback, if it was asked for.
    /// - Returns: nil where the Space holds that tree already.
    private func planBack(
        to goal: RollbackGoal, _ before: SpaceInfo?, _ report: inout Report
    ) async throws(Failure) -> WayBack? {
        say(.step("Reading the history of \(target.space)"))
        let state = try await space.state(of: target.spaceBranch)
        guard let head = state.head else { throw nothingBefore("it holds no commit yet") }
        report.commit = head.id
        try checkUnmoved(goal, since: before, head)
        let (goal, outcome) = try await found(goal, before)
        let way = try await wayBack(to: goal, from: state, head, lastDeploy: try await lastOwn(head))
        report.sourceCommit = Trailers(of: goal.message)["Source-Commit"].flatMap { ObjectID($0) }
        report.plan = way.composition.plan
        tell(goal, outcome)
        say(.planned(way.composition.plan))
        guard !way.composition.plan.isEmpty else { return nil }
        say(.detail("secrets, variables and hardware stay as they are"))
        report.guards = way.objections.guards
        guard way.objections.isEmpty else { throw objected(way.objections, back: goal) }
        return way
    }

    /// Another run may have deployed or rolled back while this one waited for it: what "the one before" means has changed.
    /// - Throws: kind `tryLater` if the goal counts from the head, and that moved.
    private func checkUnmoved(
        _ goal: RollbackGoal, since before: SpaceInfo?, _ head: Commit
    ) throws(Failure) {
        guard goal.countsFromHead, target.spaceBranch == "main", let seen = before?.sha, seen != head.id
        else {
            return
        }
        throw Failure(
            .tryLater,
            "\(target.space) moved from \(seen.short) to \(head.id.short) (\(head.shownSubject)) in the meantime; "
                + "nothing was rolled back",
            hint: "see what happened: spacesync history \(target.space)")
    }

    private func objected(_ objections: [Objection], back goal: Commit) -> Failure {
        var failure = Failure.guarded(objections, target.space, passed: options.forced)
        let line =
            "to do it all the same: spacesync rollback \(target.space) --to \(goal.id.short) --force=drift"
        failure.hint = (objections.flatMap(\.hints) + [line]).joined(separator: "\n")
        return failure
    }

    /// Reads as much of the history as finds what is meant. A number has to be the only one of all that is read.
    /// - Returns: the commit, and how its deploy ended.
    private func found(
        _ goal: RollbackGoal, _ before: SpaceInfo?
    ) async throws(Failure) -> (Commit, DeployOutcome) {
        var (isAll, hasEarlier) = (false, false)
        let isNumber = if case .release = goal { true } else { false }
        for depth in isNumber ? [10 * Self.depth] : [Self.depth, 10 * Self.depth] {
            let commits = try await space.commits(of: target.spaceBranch, limit: depth)
            let history = DeployHistory(commits.map(\.past))
            let outcomes = outcomes(history, before)
            if let commit = try goal.found(in: commits, outcomes, of: target.space) {
                return (commit, outcomes[commit.id])
            }
            (isAll, hasEarlier) = (commits.count < depth, !history.earlier(among: commits).isEmpty)
            guard !isAll else { break }
        }
        let reach = isAll ? "" : " within the last \(10 * Self.depth) commits"
        switch goal {
        case .before where hasEarlier:
            throw nothingBefore("each deploy before the present one failed or was rolled back\(reach)")
        case .before: throw nothingBefore("there is no deploy before the present one\(reach)")
        case .release(let number): throw nothingBefore("no deploy has the number v\(number)\(reach)")
        case .deploy(let number):
            throw nothingBefore("there are no \(number) deploys before the present one\(reach)")
        case .commit(let id):
            throw nothingBefore("\(id) is no commit of its \(target.spaceBranch) branch\(reach)")
        }
    }

    /// Shows what is restored, and whether it is known to have run.
    private func tell(_ goal: Commit, _ outcome: DeployOutcome) {
        guard goal.isDeploy else { return say(.detail("back to \(goal.id.short): \(goal.shownSubject)")) }
        let name = PastDeploy(number: 0, commit: goal.past).name
        say(.detail("back to \(name)\(outcome == .ran ? ", which ran" : ""): \(goal.shownSubject)"))
        switch outcome {
        case .ran: break
        case .failed: say(.warning("\(name) failed when it was deployed"))
        case .unknown: say(.warning("it is not known whether \(name) ran"))
        }
    }

    private func nothingBefore(_ why: String) -> Failure {
        Failure(
            .refused, "\(target.space) has nothing to go back to: \(why)",
            hint: "spacesync history \(target.space) lists the deploys; --to COMMIT takes any other commit")
    }

    /// The last deploy; nil where none is known: then nobody can tell what was changed since.
    private func lastOwn(_ head: Commit) async throws(Failure) -> Commit? {
        guard let last = try await lastDeploy(below: head), last.isDeploy else { return nil }
        return last
    }

    /// One compare-and-swap.
    func push(_ way: WayBack) async throws(Failure) -> ObjectID {
        try options.mayCommit()
        say(.step("Pushing to \(target.space)"))
        let commit = try await store.write(commit: draft(way))
        let receipt = try await answered { () async throws(Failure) in
            try await space.push(
                commit, with: way.composition.objects, to: target.spaceBranch, expecting: way.state.head?.id)
        }
        switch receipt {
        case .accepted(let commit, let lines):
            lines.forEach { say(.remote($0)) }
            say(.pushed(commit))
            return commit
        case .stale:
            throw Failure(
                .tryLater, "\(target.space) moved meanwhile: nothing was put back",
                hint: "look at what it is at now, and go back from there: spacesync history \(target.space)")
        case .refused(let status, let lines):
            throw Failure(
                .refused, "the Hub refused the push to \(target.space): \(status)", details: lines,
                hint: "nothing was changed there")
        }
    }

    private func draft(_ way: WayBack) -> CommitDraft {
        var author = way.goal.author
        (author.time, author.offset) = (options.now(), 0)
        return CommitDraft(
            tree: way.composition.tree, parents: [way.state.head?.id].compactMap { $0 }, author: author,
            committer: author,
            message: way.message(
                options.message, by: target.trace == "full" ? options.actor : nil, version: options.version))
    }

    private func tellWhenAgain(_ way: WayBack) {
        if target.sendsHistory {
            return say(
                .warning(
                    "history = source: the source does not have this commit, so the next push needs --force=history"
                ))
        }
        guard let source = Trailers(of: way.present.message)["Source-Commit"] else { return }
        let isOfSettings = Trailers(of: way.goal.message)["Source-Commit"] == source
        let held = "is held back" + (isOfSettings ? "" : " until the source moves")
        let subject = source.prefix(7) + (isOfSettings ? " with the same settings" : "")
        say(
            .detail(
                "\(subject) \(held); to deploy it again: "
                    + "spacesync push \(target.space) --force=rollback"))
    }
}

extension WayBack {
    /// As what was pushed is followed.
    func prepared(_ commit: ObjectID?, _ space: some SpaceWriting) -> Prepared {
        var snapshot = Snapshot(commit: goal, branch: nil, repository: "")
        snapshot.isOfSpace = true
        snapshot.supply = { (blobs) async throws(Failure) in try await space.bring(blobs) }
        var prepared = Prepared(snapshot: snapshot, state: state, composition: composition)
        (prepared.commit, prepared.isPushed) = (commit, true)
        return prepared
    }
}

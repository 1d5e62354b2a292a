import DeploySettings
import SpacesModel

/// `rollbackOnFailure`: a deploy that failed is taken back by itself, once.
extension Deployment {
    /// Goes back to what was there before a push that failed, and follows it.
    /// - Parameter failure: of the build, the app or its probes; others are handed on. A limit that was reached is none: what
    ///   is slow may come yet.
    /// - Returns: the failure, and what became of the way back.
    func takenBack(
        _ prepared: Prepared, _ before: SpaceInfo?, after failure: Failure, _ report: inout Report
    ) async -> Failure {
        guard target.rollbackOnFailure, failure.kind == .failed, prepared.isPushed,
            let commit = prepared.commit,
            target.spaceBranch == "main"
        else { return failure }
        if let why = noWayBack(prepared) { return failure.adding("not rolled back: \(why)") }
        var second = report
        do throws(Failure) {
            guard let goal = try await lastRunning(prepared, before) else {
                return failure.adding("not rolled back: \(nothingRan(prepared, before))")
            }
            let line = try await takeBack(commit, to: goal, &second)
            (report.commit, report.stage, report.appURL) = (second.commit, second.stage, second.appURL)
            return failure.adding(line, cause: .takenBack)
        } catch {
            let trouble = error.kind == .interrupted ? "interrupted" : error.message
            let words = ["the way back failed, too: \(trouble)"] + error.details
            (report.commit, report.stage) = (second.commit, second.stage)
            return failure.adding(words.joined(separator: "\n"))
        }
    }

    /// Why nothing is put back; nil where there is something.
    private func noWayBack(_ prepared: Prepared) -> String? {
        guard !target.sendsHistory else {
            return "history = source, and the source would not have that commit"
        }
        guard prepared.state.head != nil, !prepared.state.isPristine else {
            return "this was the first deploy of \(target.space)"
        }
        return nil
    }

    private func nothingRan(_ prepared: Prepared, _ before: SpaceInfo?) -> String {
        let none = "no earlier deploy is known to have run"
        guard let head = prepared.state.head, let stage = before?.runtime?.stage, stage.isBroken else {
            return none
        }
        return "what was there before (\(head.id.short)) did not run either: \(stage); \(none)"
    }

    /// The deploy that was serving when the push began, else the newest that ran; `nil` if none is known. The history is
    /// read only where the last deploy is neither.
    private func lastRunning(
        _ prepared: Prepared, _ before: SpaceInfo?
    ) async throws(Failure) -> Commit? {
        guard let head = prepared.state.head else { return nil }
        let (serving, last) = (before?.serving, prepared.lastDeploy)
        if let last, last.isDeploy, serving == last.id || serving == head.id,
            outcomes(DeployHistory([]), before)[last.id] != .failed
        {
            return last
        }
        let commits = try await space.commits(of: target.spaceBranch, limit: Self.depth)
        let below = Array(commits.drop { $0.id != head.id })
        let history = DeployHistory(below.map(\.past))
        let trees = Dictionary(below.map { ($0.id, $0.tree) }) { first, _ in first }
        let goal = history.restorable(
            serving: serving, in: below.map(\.id), outcomes(history, before)
        ) { trees[$0] != prepared.composition.tree }
        return below.first { $0.id == goal }
    }

    /// - Returns: what became of it, in a sentence.
    private func takeBack(
        _ commit: ObjectID, to goal: Commit, _ report: inout Report
    ) async throws(Failure) -> String {
        say(.step("Going back to \(goal.id.short): \(goal.shownSubject)"))
        let failed = try await store.commit(commit)
        var way = try await wayBack(to: goal, from: SpaceState(head: failed), failed, lastDeploy: failed)
        way.release = ReleaseTrailers(
            release: Release.next(after: [failed.past]),
            previous: ReleaseTrailers.Previous(commit: commit, outcome: .failed))
        if let objection = way.objections.first {
            throw Failure(.guarded, objection.message, details: objection.details)
        }
        say(.planned(way.composition.plan))
        guard !way.composition.plan.isEmpty else {
            throw Failure(.refused, "\(goal.id.short) holds the very same files")
        }
        // Whoever deployed meanwhile has gone over it: the compare-and-swap tells.
        let back = try await locked { () async throws(Failure) in try await push(way) }
        report.commit = back
        try await settlePushed(way.prepared(back, space), await info(), &report)
        let line =
            "taken back: \(target.space) holds \(goal.id.short) (\(goal.shownSubject)) again, as \(back.short)"
        return report.outcome == .deployed
            ? "\(line), and runs it" : "\(line); it is \(report.outcome.rawValue)"
    }
}

extension Failure {
    fileprivate func adding(_ lines: String, cause: Cause? = nil) -> Failure {
        var failure = self
        failure.details += lines.split(separator: "\n").map { String($0) }
        failure.cause = cause ?? failure.cause
        return failure
    }
}

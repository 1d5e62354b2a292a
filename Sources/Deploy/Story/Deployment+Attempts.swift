import DeploySettings
import SpacesModel
import TextTools

extension Deployment {
    /// Plans and pushes; when the Space or the source moved meanwhile, again, a few times. Runners that know nothing of
    /// each other wait by chance between their attempts, longer and longer, so that one after the other comes through.
    /// - Parameter asked: the API's record of the Space. Its head serves the first attempt alone.
    func prepareAndPush(_ report: inout Report, _ asked: Concurrent<SpaceInfo?>)
        async throws(Failure) -> Prepared
    {
        var agreed: Set<Objection> = []
        for attempt in 1...Self.attempts {
            if attempt > 2 { try await rest(upTo: .milliseconds(100 << attempt)) }
            var prepared = try await prepare(&report, asked, isFirst: attempt == 1)
            try await yield()
            guard !prepared.composition.plan.isEmpty else {
                prepared.commit = prepared.state.head?.id
                report.commit = prepared.commit
                try await set(&prepared)
                return prepared
            }
            if let failure = Failure.preflight(prepared.composition.findings, target.space) {
                report.guards = prepared.objections.guards
                throw failure
            }
            if let overtaken = prepared.overtaken { throw overtaken }
            if attempt > 1, let newer = prepared.objections.first(where: { $0.guardName == .behind }) {
                throw Self.overtaken(by: newer, target.space)
            }
            prepared.objections = try await refusing(prepared, &agreed)
            report.guards = prepared.objections.guards
            guard prepared.objections.isEmpty else { throw refusal(of: prepared) }
            try options.wouldCommit()
            // Whatever is written from here on, the record is one from before.
            let before = await asked.value
            try await set(&prepared)
            try await sendLargeFiles(prepared)
            prepared.release = try await releaseTrailers(after: prepared.lastDeploy, before)
            try await yield()
            guard let commit = try await push(prepared) else { continue }
            say(.pushed(commit))
            (prepared.commit, prepared.isPushed, report.commit) = (commit, true, commit)
            return prepared
        }
        throw Failure(
            .tryLater, "\(target.space) kept moving: \(Self.attempts) pushes in a row came too late",
            details: ["somebody else, or another run, commits to its \(target.spaceBranch) branch"],
            hint: "run the push again when it is quiet")
    }

    /// Shows the warnings, and asks the person at the terminal about them and about guards that an answer passes; each once
    /// in a run.
    /// - Returns: the objections that refuse the push.
    /// - Throws: kind `interrupted` for Ctrl-C at a question.
    private func refusing(
        _ prepared: Prepared, _ agreed: inout Set<Objection>
    ) async throws(Failure) -> [Objection] {
        let objections = prepared.objections
        let canPass = objections.isEmpty || options.canAsk && objections.allSatisfy { $0.question != nil }
        for objection in (canPass ? objections : []) + prepared.warnings where !agreed.contains(objection) {
            tell(objection)
            if canPass, options.canAsk, let question = objection.question {
                let isAgreed = await options.confirm(question) == true
                guard !Task.isCancelled else {
                    throw Failure(.interrupted, "\(target.space): interrupted; nothing was changed")
                }
                guard isAgreed else { return [objection] }
            }
            agreed.insert(objection)
        }
        return canPass ? [] : objections
    }

    private static var attempts: Int { 8 }

    private func rest(upTo limit: Duration) async throws(Failure) {
        do {
            try await clock.sleep(for: min(limit, .seconds(5)) * Double.random(in: 0...1))
        } catch {
            throw Failure(.interrupted, "interrupted")
        }
    }
}

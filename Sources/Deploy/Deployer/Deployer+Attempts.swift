import DeploySettings
import SpacesModel
import TextTools

extension Deployer {
    /// Plans and pushes; when the Space or the source moved meanwhile, again, a few times. Runners that know nothing of
    /// each other wait by chance between their attempts, longer and longer, so that one after the other comes through.
    /// - Parameter asked: the API's record of the Space. Its head serves the first attempt alone.
    func planAndPush(_ report: inout DeployResult, _ spaceInfo: Concurrent<SpaceInfo?>)
        async throws(DeployError) -> PreparedDeploy
    {
        var agreed: Set<GuardViolation> = []
        for attempt in 1...Self.maxAttempts {
            if attempt > 2 { try await backOff(upTo: .milliseconds(100 << attempt)) }
            var prepared = try await makePlan(&report, spaceInfo, isFirst: attempt == 1)
            try await throwIfSuperseded()
            guard !prepared.composition.plan.isEmpty else {
                prepared.commit = prepared.state.head?.id
                report.commit = prepared.commit
                try await applyConfiguration(&prepared)
                return prepared
            }
            if let failure = DeployError.preflight(prepared.composition.findings, target.space) {
                report.guards = prepared.guardViolations.guards
                throw failure
            }
            if let overtaken = prepared.supersededError { throw overtaken }
            if attempt > 1, let newer = prepared.guardViolations.first(where: { $0.guardName == .behind }) {
                throw Self.superseded(by: newer, target.space)
            }
            prepared.guardViolations = try await confirmViolations(prepared, &agreed)
            report.guards = prepared.guardViolations.guards
            guard prepared.guardViolations.isEmpty else { throw blockedError(of: prepared) }
            try options.checkCommitBudget()
            // Whatever is written from here on, the record is one from before.
            let before = await spaceInfo.value
            try await applyConfiguration(&prepared)
            try await uploadMissingLFSObjects(prepared)
            prepared.release = try await releaseTrailers(after: prepared.lastDeploy, before)
            try await throwIfSuperseded()
            guard let commit = try await push(prepared) else { continue }
            emit(.pushed(commit))
            (prepared.commit, prepared.isPushed, report.commit) = (commit, true, commit)
            return prepared
        }
        throw DeployError(
            .tryLater, "\(target.space) kept moving: \(Self.maxAttempts) pushes in a row came too late",
            details: ["somebody else, or another run, commits to its \(target.spaceBranch) branch"],
            hint: "run the push again when it is quiet")
    }

    /// Shows the warnings, and asks the person at the terminal about them and about guards that an answer passes; each once
    /// in a run.
    /// - Returns: the objections that refuse the push.
    /// - Throws: kind `interrupted` for Ctrl-C at a question.
    private func confirmViolations(
        _ prepared: PreparedDeploy, _ confirmed: inout Set<GuardViolation>
    ) async throws(DeployError) -> [GuardViolation] {
        let objections = prepared.guardViolations
        let canPass =
            objections.isEmpty || options.isInteractive && objections.allSatisfy { $0.prompt != nil }
        for objection in (canPass ? objections : []) + prepared.warnings where !confirmed.contains(objection)
        {
            logViolation(objection)
            if canPass, options.isInteractive, let question = objection.prompt {
                let isAgreed = await options.confirm(question) == true
                guard !Task.isCancelled else {
                    throw DeployError(.interrupted, "\(target.space): interrupted; nothing was changed")
                }
                guard isAgreed else { return [objection] }
            }
            confirmed.insert(objection)
        }
        return canPass ? [] : objections
    }

    private static var maxAttempts: Int { 8 }

    private func backOff(upTo limit: Duration) async throws(DeployError) {
        do {
            try await clock.sleep(for: min(limit, .seconds(5)) * Double.random(in: 0...1))
        } catch {
            throw DeployError(.interrupted, "interrupted")
        }
    }
}

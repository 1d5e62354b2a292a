import DeploySettings
import SpacesModel
import TextTools

extension Deployer {
    /// Plans and pushes. If the Space or the source changed in the meantime, retries with randomised
    /// exponential back-off so that concurrent runners do not collide again.
    /// - Parameter spaceInfo: the Space's record from the API. Its head is used for the first attempt
    ///   only.
    func planAndPush(_ report: inout DeployResult, _ spaceInfo: Concurrent<SpaceInfo?>)
        async throws(DeployError) -> PreparedDeploy
    {
        var confirmed: Set<GuardViolation> = []
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
            if let supersededError = prepared.supersededError { throw supersededError }
            if attempt > 1, let violation = prepared.guardViolations.first(where: { $0.guardName == .behind })
            {
                throw Self.superseded(by: violation, target.space)
            }
            prepared.guardViolations = try await confirmViolations(prepared, &confirmed)
            report.guards = prepared.guardViolations.guards
            guard prepared.guardViolations.isEmpty else { throw blockedError(of: prepared) }
            try options.checkCommitBudget()
            // The record must be from before the first write.
            let infoBeforePush = await spaceInfo.value
            try await applyConfiguration(&prepared)
            try await uploadMissingLFSObjects(prepared)
            prepared.release = try await releaseTrailers(after: prepared.lastDeploy, infoBeforePush)
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

    /// Shows the warnings. On a terminal, asks for confirmation of them and of guards that can be
    /// confirmed; each question is asked once per run.
    /// - Returns: the guard violations that block the push.
    /// - Throws: kind `interrupted` if Ctrl-C is pressed at a question.
    private func confirmViolations(
        _ prepared: PreparedDeploy, _ confirmed: inout Set<GuardViolation>
    ) async throws(DeployError) -> [GuardViolation] {
        let violations = prepared.guardViolations
        let canConfirm =
            violations.isEmpty || options.isInteractive && violations.allSatisfy { $0.prompt != nil }
        for violation in (canConfirm ? violations : []) + prepared.warnings
        where !confirmed.contains(violation) {
            logViolation(violation)
            if canConfirm, options.isInteractive, let prompt = violation.prompt {
                let isConfirmed = await options.confirm(prompt) == true
                guard !Task.isCancelled else {
                    throw DeployError(.interrupted, "\(target.space): interrupted; nothing was changed")
                }
                guard isConfirmed else { return [violation] }
            }
            confirmed.insert(violation)
        }
        return canConfirm ? [] : violations
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

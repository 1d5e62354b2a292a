import DeploySettings
import DockerfileTemplates
import SpacesModel
import TextTools

/// What the Hub would refuse of one target's tree, or fail to build or start from it, and what should not be published:
/// said without a Hub, as for a Space that holds nothing yet.
package struct PreflightCheck<Source: SourceRepository, Store: ObjectDatabase>: Sendable {
    private let target: Target
    private let source: Source
    private let store: Store
    private let lfsTransfer: any LFSTransferring
    private let emit: EventHandler

    /// - Parameter carrier: knows the source alone, no Hub.
    package init(
        _ target: Target, source: Source, store: Store, lfsTransfer: any LFSTransferring,
        emit: @escaping EventHandler
    ) {
        (self.target, self.source, self.store) = (target, source, store)
        (self.lfsTransfer, self.emit) = (lfsTransfer, emit)
    }

    /// Says each finding. Never throws: the report carries the gravest, or what kept the tree from being composed.
    package func inspect() async -> DeployResult {
        let report = await withTimeLimit(target.timeout, ContinuousClock()) { await inspectUnlimited() }
        return report ?? DeployResult(target.space, failure: .planningTimeout(target.space, target.timeout))
    }

    private func inspectUnlimited() async -> DeployResult {
        var report = DeployResult(target.space, .planned)
        do throws(DeployError) {
            let snapshot = try await source.snapshot(of: target.revision).withLFSContent(from: lfsTransfer)
                .adding(target.adds, from: source, to: store)
            report.sourceCommit = snapshot.commit.id
            snapshot.log(emit)
            let findings = try await findings(in: snapshot)
            findings.forEach { emit(.finding($0)) }
            if let kind = findings.mostSevereKind {
                throw DeployError(kind, "\(target.space): \(findings.counts)")
            }
            emit(.detail(findings.isEmpty ? "nothing to mend" : findings.counts))
            return report
        } catch {
            report.outcome = DeployResult.Outcome(of: error.kind)
            report.failure = error
            return report
        }
    }

    private func findings(in snapshot: SourceSnapshot) async throws(DeployError) -> [Finding] {
        if target.pushesHistory { return try await historyFindings(snapshot) }
        var composer = TreeComposer(target, snapshot, store: store, space: nil) {
            (_) async throws(DeployError) in
        }
        var nobody: DriftReconciler<Store>?
        let composition = try await composer.compose(&nobody)
        let lost = try await missingLFSObjects(among: composition.lfsFiles, of: snapshot)
        let findings = (composition.findings + lost).sortedUnique
        if let image = composer.image { emit(.detail(image.description)) }
        composer.messages.forEach { emit(.detail($0)) }
        return findings.map(\.asUnverifiedWarning)
    }

    private func historyFindings(_ snapshot: SourceSnapshot) async throws(DeployError) -> [Finding] {
        try await source.fetchHistory(of: snapshot.commit.id)
        let outgoing = try await OutgoingCommits(
            to: snapshot.commit, beyond: [], allowing: target.allowCredential, in: store)
        let lost = try await missingLFSObjects(among: outgoing.lfsFiles, of: snapshot)
        let findings = try await HistoryPreflight(store: store, allowed: target.allowCredential).findings(
            of: snapshot.commit, over: nil, in: outgoing)
        return (findings + lost).sortedUnique.map(\.asUnverifiedWarning)
    }

    /// What is not on this machine is asked of the source's server, which may be out of reach here.
    private func missingLFSObjects(among files: [LFSFile], of snapshot: SourceSnapshot)
        async throws(DeployError) -> [Finding]
    {
        do throws(DeployError) {
            let lost = try await lfsTransfer.missingObjects(among: files, of: snapshot)
            return lost.map { $0.finding(isComposed: !target.pushesHistory) }
        } catch {
            guard error.kind == .tryLater else { throw error }
            emit(.warning("whether all LFS files of the source are there cannot be told: \(error.message)"))
            return []
        }
    }
}

extension Finding {
    /// Whether the Space holds a pointer's object cannot be seen from here.
    fileprivate var asUnverifiedWarning: Finding {
        guard rule == .lfsPointer else { return self }
        var finding = self
        finding.severity = .warning
        finding.reason += "; the Hub refuses it unless the Space holds it already"
        return finding
    }
}

extension [Finding] {
    /// `2 errors and 1 warning`.
    fileprivate var counts: String {
        let errors = count { $0.severity == .error }
        let parts = [(errors, "error"), (count - errors, "warning")].filter { $0.0 > 0 }
        return parts.map { "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")" }.joined(separator: " and ")
    }
}

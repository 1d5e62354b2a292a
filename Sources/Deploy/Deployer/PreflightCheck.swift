import DeploySettings
import DockerfileTemplates
import SpacesModel
import TextTools

/// A check of one target's tree without a Hub, as for an empty Space: files that the Hub would refuse
/// or fail to build or start, and files that should not be published.
package struct PreflightCheck<Source: SourceRepository, Store: ObjectDatabase>: Sendable {
    private let target: Target
    private let source: Source
    private let store: Store
    private let lfsTransfer: any LFSTransferring
    private let emit: EventHandler

    /// Creates a check.
    /// - Parameter lfsTransfer: transfers for the source only, without a Hub.
    package init(
        _ target: Target, source: Source, store: Store, lfsTransfer: any LFSTransferring,
        emit: @escaping EventHandler
    ) {
        (self.target, self.source, self.store) = (target, source, store)
        (self.lfsTransfer, self.emit) = (lfsTransfer, emit)
    }

    /// Reports each finding. Never throws: the result has the most severe kind, or the error that
    /// prevented the composition.
    package func inspect() async -> DeployResult {
        let result = await withTimeLimit(target.timeout, ContinuousClock()) { await inspectUnlimited() }
        return result ?? DeployResult(target.space, failure: .planningTimeout(target.space, target.timeout))
    }

    private func inspectUnlimited() async -> DeployResult {
        var result = DeployResult(target.space, .planned)
        do throws(DeployError) {
            let snapshot = try await source.snapshot(of: target.revision).withLFSContent(from: lfsTransfer)
                .adding(target.adds, from: source, to: store)
            result.sourceCommit = snapshot.commit.id
            snapshot.log(emit)
            let findings = try await findings(in: snapshot)
            findings.forEach { emit(.finding($0)) }
            if let kind = findings.mostSevereKind {
                throw DeployError(kind, "\(target.space): \(findings.counts)")
            }
            emit(.detail(findings.isEmpty ? "nothing to mend" : findings.counts))
            return result
        } catch {
            result.outcome = DeployResult.Outcome(of: error.kind)
            result.failure = error
            return result
        }
    }

    private func findings(in snapshot: SourceSnapshot) async throws(DeployError) -> [Finding] {
        if target.pushesHistory { return try await historyFindings(snapshot) }
        var composer = TreeComposer(target, snapshot, store: store, space: nil) {
            (_) async throws(DeployError) in
        }
        var noReconciler: DriftReconciler<Store>?
        let composition = try await composer.compose(&noReconciler)
        let missing = try await missingLFSObjects(among: composition.lfsFiles, of: snapshot)
        let findings = (composition.findings + missing).sortedUnique
        if let image = composer.image { emit(.detail(image.description)) }
        composer.messages.forEach { emit(.detail($0)) }
        return findings.map(\.asUnverifiedWarning)
    }

    private func historyFindings(_ snapshot: SourceSnapshot) async throws(DeployError) -> [Finding] {
        try await source.fetchHistory(of: snapshot.commit.id)
        let outgoing = try await OutgoingCommits(
            to: snapshot.commit, beyond: [], allowing: target.allowCredential, in: store)
        let missing = try await missingLFSObjects(among: outgoing.lfsFiles, of: snapshot)
        let findings = try await HistoryPreflight(store: store, allowed: target.allowCredential).findings(
            of: snapshot.commit, over: nil, in: outgoing)
        return (findings + missing).sortedUnique.map(\.asUnverifiedWarning)
    }

    /// Returns findings for missing LFS objects. Objects that are not on this machine are looked up
    /// at the source's server; if it is unreachable, a warning is reported instead.
    private func missingLFSObjects(among files: [LFSFile], of snapshot: SourceSnapshot)
        async throws(DeployError) -> [Finding]
    {
        do throws(DeployError) {
            let missing = try await lfsTransfer.missingObjects(among: files, of: snapshot)
            return missing.map { $0.finding(isComposed: !target.pushesHistory) }
        } catch {
            guard error.kind == .tryLater else { throw error }
            emit(.warning("whether all LFS files of the source are there cannot be told: \(error.message)"))
            return []
        }
    }
}

extension Finding {
    /// The finding as a warning if it is about an LFS pointer: without a Hub it is unknown whether
    /// the Space already has the object.
    fileprivate var asUnverifiedWarning: Finding {
        guard rule == .lfsPointer else { return self }
        var finding = self
        finding.severity = .warning
        finding.reason += "; the Hub refuses it unless the Space holds it already"
        return finding
    }
}

extension [Finding] {
    /// The numbers of errors and warnings: `2 errors and 1 warning`.
    fileprivate var counts: String {
        let errors = count { $0.severity == .error }
        let parts = [(errors, "error"), (count - errors, "warning")].filter { $0.0 > 0 }
        return parts.map { "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")" }.joined(separator: " and ")
    }
}

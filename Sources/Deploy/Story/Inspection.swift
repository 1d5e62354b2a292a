import DeploySettings
import DockerfileTemplates
import SpacesModel
import TextTools

/// What the Hub would refuse of one target's tree, or fail to build or start from it, and what should not be published:
/// said without a Hub, as for a Space that holds nothing yet.
package struct Inspection<Source: SourceReading, Store: ObjectStoring & HistoryReading>: Sendable {
    private let target: Target
    private let source: Source
    private let store: Store
    private let carrier: any LargeFileCarrying
    private let say: Say

    /// - Parameter carrier: knows the source alone, no Hub.
    package init(
        _ target: Target, source: Source, store: Store, carrier: any LargeFileCarrying, say: @escaping Say
    ) {
        (self.target, self.source, self.store) = (target, source, store)
        (self.carrier, self.say) = (carrier, say)
    }

    /// Says each finding. Never throws: the report carries the gravest, or what kept the tree from being composed.
    package func inspect() async -> Report {
        let report = await withTimeLimit(target.timeout, ContinuousClock()) { await inspectUnlimited() }
        return report ?? Report(target.space, failure: .readingLimit(target.space, target.timeout))
    }

    private func inspectUnlimited() async -> Report {
        var report = Report(target.space, .planned)
        do throws(Failure) {
            let snapshot = try await source.snapshot(of: target.revision).reading(from: carrier)
                .adding(target.adds, from: source, to: store)
            report.sourceCommit = snapshot.commit.id
            snapshot.tell(say)
            let findings = try await findings(in: snapshot)
            findings.forEach { say(.finding($0)) }
            if let kind = findings.gravest {
                throw Failure(kind, "\(target.space): \(findings.counts)")
            }
            say(.detail(findings.isEmpty ? "nothing to mend" : findings.counts))
            return report
        } catch {
            report.outcome = Report.Outcome(of: error.kind)
            report.failure = error
            return report
        }
    }

    private func findings(in snapshot: Snapshot) async throws(Failure) -> [Finding] {
        if target.sendsHistory { return try await historyFindings(snapshot) }
        var composer = Composer(target, snapshot, store: store, space: nil) { (_) async throws(Failure) in }
        var nobody: Reconciler<Store>?
        let composition = try await composer.compose(&nobody)
        let lost = try await lost(among: composition.large, of: snapshot)
        let findings = (composition.findings + lost).inOrder
        if let image = composer.image { say(.detail(image.description)) }
        composer.notes.forEach { say(.detail($0)) }
        return findings.map(\.asFarAsSeen)
    }

    private func historyFindings(_ snapshot: Snapshot) async throws(Failure) -> [Finding] {
        try await source.bringHistory(of: snapshot.commit.id)
        let outgoing = try await Outgoing(
            to: snapshot.commit, beyond: [], allowing: target.allowCredential, in: store)
        let lost = try await lost(among: outgoing.large, of: snapshot)
        let findings = try await HistoryCheck(store: store, allowed: target.allowCredential).findings(
            of: snapshot.commit, over: nil, in: outgoing)
        return (findings + lost).inOrder.map(\.asFarAsSeen)
    }

    /// What is not on this machine is asked of the source's server, which may be out of reach here.
    private func lost(among files: [LargeFile], of snapshot: Snapshot) async throws(Failure) -> [Finding] {
        do throws(Failure) {
            let lost = try await carrier.lost(among: files, of: snapshot)
            return lost.map { $0.finding(isComposed: !target.sendsHistory) }
        } catch {
            guard error.kind == .tryLater else { throw error }
            say(.warning("whether all LFS files of the source are there cannot be told: \(error.message)"))
            return []
        }
    }
}

extension Finding {
    /// Whether the Space holds a pointer's object cannot be seen from here.
    fileprivate var asFarAsSeen: Finding {
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

import DeploySettings
import DockerSyntax
import SpacesModel
import TextTools

extension Deployer {
    /// Reads, selects, composes and plans within the target's time limit. A source that takes longer
    /// (huge trees, a server that never ends a response) must not delay other targets or hold a lock.
    /// - Parameters:
    ///   - spaceInfo: the Space's record from the API; `nil` if the API is not called.
    ///   - isFirst: whether the head in that record may be used.
    func makePlan(
        _ report: inout DeployResult, _ spaceInfo: Concurrent<SpaceInfo?>? = nil, isFirst: Bool = false
    )
        async throws(DeployError) -> PreparedDeploy
    {
        let start = report
        let result = await withTimeLimit(target.timeout, clock) {
            var report = start
            do throws(DeployError) {
                let prepared = try await makePlanUnlimited(&report, spaceInfo, isFirst: isFirst)
                return (Result<PreparedDeploy, DeployError>.success(prepared), report)
            } catch { return (.failure(error), report) }
        }
        guard let (prepared, updatedReport) = result else {
            throw .planningTimeout(target.space, target.timeout)
        }
        report = updatedReport
        return try prepared.get()
    }

    private func makePlanUnlimited(
        _ report: inout DeployResult, _ spaceInfo: Concurrent<SpaceInfo?>?, isFirst: Bool
    ) async throws(DeployError) -> PreparedDeploy {
        emit(.step("Reading the source"))
        let snapshot = try await source.snapshot(of: target.revision).withLFSContent(from: lfsTransfer)
            .adding(target.adds, from: source, to: store)
        report.sourceCommit = snapshot.promotion.map(\.source) ?? snapshot.commit.id
        report.sourceTime = snapshot.commit.commitTime
        snapshot.log(emit)
        try await ProbeBodies(probes: target.probes, snapshot: snapshot, store: store).check()
        var scanCache = ScanCache()
        let forecast = isFirst ? await forecast(for: snapshot) : .unknown
        let state = try await readOrCreateSpace(snapshot, spaceInfo, isFirst: isFirst, forecast, &scanCache)
        emit(.read(source: snapshot.commit.id, spaceHead: state.head?.id))
        try await checkSize(of: state)
        if target.pushesHistory {
            if let heldBack = try await heldBackDeploy(snapshot, state, after: state.head) {
                return reportHeldBack(heldBack, &report)
            }
            return try await planHistory(snapshot, state, await spaceInfo?.value, &report)
        }
        if options.needsAllBlobs { try await fetchSpaceBlobs(state) }
        let baseline = try await loadBaseline(of: state)
        if let heldBack = try await heldBackDeploy(snapshot, state, after: baseline.lastDeploy) {
            return reportHeldBack(heldBack, &report)
        }
        let image = try await resolveBaseImage(baseline)
        let composed =
            if let forecasted = forecast.result(over: state) { forecasted } else {
                try await compose(snapshot, over: state, baseline, on: image, knowing: scanCache)
            }
        var composition = composed.composition
        if let heldBack = try await heldBackDeploy(
            snapshot, state, after: baseline.lastDeploy, composed: composition.tree)
        {
            return reportHeldBack(heldBack, &report)
        }
        let flags = droppedFlags(baseline, snapshot)
        try await explainRemovals(flags, in: &composition.plan, snapshot, composed.reconciler)
        logComposition(image, composed.composer.messages, composition.plan)
        report.savedPlan = SavedPlan(target, snapshot, state, composition)
        try await verifySavedPlan(report.savedPlan, snapshot, state, image)
        try await attachDiffs(of: &composition, over: state)
        composition.findings += try await missingLFSObjects(composition, of: snapshot)
        composition.findings += try await hubCardFindings(composition, over: state.head?.tree)
        composition.findings.warnings(of: target.space).forEach(emit)
        composition.plan.configurationChanges = try await configurationChanges(
            of: state, await spaceInfo?.value, isPushing: !composition.plan.isEmpty)
        report.plan = composition.plan
        emit(.planned(composition.plan))
        if snapshot.promotion != nil, !composition.plan.isEmpty {
            emit(.detail("variables, secrets and hardware stay \(target.space)'s own"))
        }
        if composition.plan.isEmpty { logPreservedEdits(composed.reconciler?.newlyPreserved ?? []) }
        var prepared = PreparedDeploy(snapshot: snapshot, state: state, composition: composition)
        prepared.lastDeploy = baseline.lastDeploy
        prepared.merged = composed.reconciler?.merged ?? MergedEdits()
        prepared.preservedKeys = composed.composer.preservedKeys
        warnAboutDroppedFlags(&prepared, flags)
        prepared.guardViolations = try await guardViolations(
            composition, composed.reconciler, state, composed.composer.sdkChange, snapshot)
        if !composition.plan.isEmpty, let violation = try await repositoryViolation(baseline, snapshot) {
            prepared.guardViolations.insert(violation, at: 0)
        } else if !composition.plan.isEmpty {
            try await checkBehind(&prepared, baseline)
        }
        try await warnAboutHubSyncFiles(&prepared, baseline, edits: composed.reconciler?.edits ?? [])
        return prepared
    }

    /// Pushes with one compare-and-swap; returns `nil` if the Space has new commits.
    func push(_ prepared: PreparedDeploy) async throws(DeployError) -> ObjectID? {
        try options.reserveCommit()
        emit(.step("Pushing to \(target.space)"))
        let receipt = try await finishingDespiteCancellation { () async throws(DeployError) in
            try await target.pushesHistory ? pushHistory(prepared) : pushCommit(prepared)
        }
        switch receipt {
        case .accepted(let commit, let lines):
            lines.forEach { emit(.remote($0)) }
            return commit
        case .stale:
            emit(.detail("\(target.space) moved meanwhile; planning again"))
            return nil
        case .refused(let status, let lines):
            throw DeployError(
                .refused, "the Hub refused the push to \(target.space): \(status)", details: lines,
                hint: "nothing was changed there; mend what it names and push again")
        }
    }

    /// Returns the result of the push, even if the run is cancelled in the meantime and
    /// `finishesPushOnCancel` is set.
    func finishingDespiteCancellation(
        _ push: @escaping @Sendable () async throws(DeployError) -> PushReceipt
    ) async throws(DeployError) -> PushReceipt {
        guard options.finishesPushOnCancel, !Task.isCancelled else { return try await push() }
        // An unstructured task does not inherit cancellation.
        let task = Task { () async -> Result<PushReceipt, DeployError> in
            do throws(DeployError) { return .success(try await push()) } catch { return .failure(error) }
        }
        return try await task.value.get()
    }

    private func pushCommit(_ prepared: PreparedDeploy) async throws(DeployError) -> PushReceipt {
        let commit = try await store.write(commit: makeCommitDraft(prepared))
        return try await space.push(
            commit, with: prepared.composition.objects, to: target.spaceBranch,
            expecting: prepared.state.head?.id)
    }

    private func makeCommitDraft(_ prepared: PreparedDeploy) -> CommitDraft {
        let author = prepared.snapshot.commit.author
        var committer = author
        (committer.time, committer.offset) = (options.now(), 0)
        return CommitDraft(
            tree: prepared.composition.tree, parents: [prepared.state.head?.id].compactMap { $0 },
            author: author, committer: committer, message: makeCommitMessage(prepared))
    }

    /// Returns the source commit's subject, and the trailers that record for later runs what this run
    /// did (design 4.7).
    private func makeCommitMessage(_ prepared: PreparedDeploy) -> String {
        let snapshot = prepared.snapshot
        var trailers = Trailers()
        if let promotion = snapshot.promotion {
            promotion.write(to: &trailers, target.trace)
        } else if target.trace == "full" {
            trailers.add("Source-Repository", snapshot.repository)
            if let branch = snapshot.branch { trailers.add("Source-Branch", branch) }
        }
        if target.trace != "none", snapshot.promotion == nil {
            trailers.add("Source-Commit", snapshot.commit.id.description)
        }
        for pattern in target.keep { trailers.add("Keep", pattern) }
        for mapping in target.adds { trailers.add("Source-Dirty", mapping.from.description) }
        if target.trace != "none", snapshot.promotion == nil, !target.contentFlags.isEmpty {
            trailers.add(DroppedFlags.trailer, target.contentFlags.joined(separator: ", "))
        }
        trailers.add("Settings", target.settingsHash)
        if let image = prepared.composition.baseImage { trailers.add(ImageReference.trailer, image) }
        if !prepared.preservedKeys.isEmpty {
            trailers.add("Card-Kept", prepared.preservedKeys.joined(separator: ", "))
        }
        prepared.merged.write(to: &trailers)
        prepared.release?.write(to: &trailers)
        if let actor = options.actor, target.trace == "full" { trailers.add("Deployed-By", actor) }
        trailers.add("Spacesync", options.version)
        let subject = options.message ?? snapshot.commit.subject
        return (subject.isEmpty ? "Deploy \(snapshot.commit.id.short)" : subject) + "\n\n" + trailers.text
    }
}

extension DeployError {
    /// Returns the error for a timeout while the source and the Space are read and the deploy is
    /// planned; kind `interrupted` if the task is cancelled.
    package static func planningTimeout(_ space: SpaceID, _ limit: Duration) -> DeployError {
        guard !Task.isCancelled else { return DeployError(.interrupted, "\(space): interrupted") }
        return DeployError(
            .timedOut,
            "\(space): reading and planning took longer than \(limit.shortDescription); nothing was pushed",
            hint: "use --timeout to allow more time")
    }
}

extension Deployer {
    /// Adds line diffs of README.md and the Dockerfile to the plan. Fetches the Space's versions in
    /// one request.
    func attachDiffs(of composition: inout ComposedTree, over state: SpaceHead) async throws(DeployError) {
        guard options.includesDiffs else { return }
        let names: [Path] = ["README.md", "Dockerfile"]
        let new = try await entries(of: composition.tree, names)
        let old = if let head = state.head { try await entries(of: head.tree, names) } else { [:] as Entries }
        let spaceBlobs = names.compactMap { old[$0] == new[$0] ? nil : old[$0]?.id }
        if !spaceBlobs.isEmpty { try await space.fetchBlobs(spaceBlobs) }
        for (index, change) in composition.plan.changes.enumerated() where names.contains(change.path) {
            let before = try await diffSide(old[change.path]), after = try await diffSide(new[change.path])
            guard change.kind != .kept, before != nil || after != nil else { continue }
            composition.plan.changes[index].diff = FileDiff(path: change.path, old: before, new: after).text
        }
    }

    private typealias Entries = [Path: TreeEntry]

    private func entries(of tree: ObjectID, _ names: [Path]) async throws(DeployError) -> [Path: TreeEntry] {
        let entries = try await store.entries(of: tree).filter { names.contains($0.name) && $0.kind.isBlob }
        return Dictionary(entries.map { ($0.name, $0) }) { first, _ in first }
    }

    private func diffSide(_ entry: TreeEntry?) async throws(DeployError) -> FileDiff.Side? {
        guard let entry else { return nil }
        return FileDiff.Side(kind: entry.kind, id: entry.id, text: try await store.content(of: entry.id))
    }
}

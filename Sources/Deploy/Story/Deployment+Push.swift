import DeploySettings
import DockerSyntax
import SpacesModel
import TextTools

extension Deployment {
    /// Reads, selects, composes and plans within the target's time limit. A source that takes longer (huge trees, a
    /// server that never ends) must not hold up other targets or a lock.
    /// - Parameters:
    ///   - asked: the API's record of the Space; nil if the API is not asked.
    ///   - isFirst: the head in that record may serve.
    func prepare(_ report: inout Report, _ asked: Concurrent<SpaceInfo?>? = nil, isFirst: Bool = false)
        async throws(Failure) -> Prepared
    {
        let start = report
        let result = await withTimeLimit(target.timeout, clock) {
            var report = start
            do throws(Failure) {
                let prepared = try await prepareUnlimited(&report, asked, isFirst: isFirst)
                return (Result<Prepared, Failure>.success(prepared), report)
            } catch { return (.failure(error), report) }
        }
        guard let (prepared, changed) = result else { throw .readingLimit(target.space, target.timeout) }
        report = changed
        return try prepared.get()
    }

    private func prepareUnlimited(
        _ report: inout Report, _ asked: Concurrent<SpaceInfo?>?, isFirst: Bool
    ) async throws(Failure) -> Prepared {
        say(.step("Reading the source"))
        let snapshot = try await source.snapshot(of: target.revision).reading(from: carrier)
            .adding(target.adds, from: source, to: store)
        report.sourceCommit = snapshot.promotion.map(\.source) ?? snapshot.commit.id
        report.sourceTime = snapshot.commit.committed
        snapshot.tell(say)
        try await ProbeBodies(probes: target.probes, snapshot: snapshot, store: store).check()
        var surveyed = SurveyedFiles()
        let forecast = isFirst ? await forecast(for: snapshot) : .unknown
        let state = try await spaceState(snapshot, asked, isFirst: isFirst, forecast, &surveyed)
        say(.read(source: snapshot.commit.id, spaceHead: state.head?.id))
        try await checkSize(of: state)
        if target.sendsHistory {
            if let held = try await heldBack(snapshot, state, after: state.head) {
                return hold(held, &report)
            }
            return try await prepareHistory(snapshot, state, await asked?.value, &report)
        }
        if options.isWhole { try await bringOwn(state) }
        let past = try await past(of: state)
        if let held = try await heldBack(snapshot, state, after: past.lastDeploy) {
            return hold(held, &report)
        }
        let image = try await baseImage(past)
        let work =
            if let early = forecast.work(over: state) { early } else {
                try await compose(snapshot, over: state, past, on: image, knowing: surveyed)
            }
        var composition = work.composition
        if let held = try await heldBack(
            snapshot, state, after: past.lastDeploy, composed: composition.tree)
        {
            return hold(held, &report)
        }
        let flags = droppedFlags(past, snapshot)
        try await explain(flags, in: &composition.plan, snapshot, work.reconciler)
        tell(image, work.composer.notes, composition.plan)
        report.record = PlanRecord(target, snapshot, state, composition)
        try await keepPromise(report.record, snapshot, state, image)
        try await showTexts(of: &composition, over: state)
        composition.findings += try await lostFiles(composition, of: snapshot)
        composition.findings += try await judged(composition, over: state.head?.tree)
        composition.findings.warnings(of: target.space).forEach(say)
        composition.plan.settings = try await stateChanges(
            of: state, await asked?.value, isPushing: !composition.plan.isEmpty)
        report.plan = composition.plan
        say(.planned(composition.plan))
        if snapshot.promotion != nil, !composition.plan.isEmpty {
            say(.detail("variables, secrets and hardware stay \(target.space)'s own"))
        }
        if composition.plan.isEmpty { tellKept(work.reconciler?.newlyKept ?? []) }
        var prepared = Prepared(snapshot: snapshot, state: state, composition: composition)
        prepared.lastDeploy = past.lastDeploy
        prepared.merged = work.reconciler?.merged ?? MergedPaths()
        prepared.keptKeys = work.composer.keptKeys
        checkDroppedFlags(&prepared, flags)
        prepared.objections = try await objections(
            composition, work.reconciler, state, work.composer.kinds, snapshot)
        if !composition.plan.isEmpty, let other = try await otherRepository(past, snapshot) {
            prepared.objections.insert(other, at: 0)
        } else if !composition.plan.isEmpty {
            try await checkBehind(&prepared, past)
        }
        try await checkSynced(&prepared, past, edits: work.reconciler?.edits ?? [])
        return prepared
    }

    /// One compare-and-swap; nil when the Space moved.
    func push(_ prepared: Prepared) async throws(Failure) -> ObjectID? {
        try options.mayCommit()
        say(.step("Pushing to \(target.space)"))
        let receipt = try await answered { () async throws(Failure) in
            try await target.sendsHistory ? sendHistory(prepared) : sendSnapshot(prepared)
        }
        switch receipt {
        case .accepted(let commit, let lines):
            lines.forEach { say(.remote($0)) }
            return commit
        case .stale:
            say(.detail("\(target.space) moved meanwhile; planning again"))
            return nil
        case .refused(let status, let lines):
            throw Failure(
                .refused, "the Hub refused the push to \(target.space): \(status)", details: lines,
                hint: "nothing was changed there; mend what it names and push again")
        }
    }

    /// The push, with its answer even where the run is cancelled meanwhile, if that is wanted.
    func answered(
        _ push: @escaping @Sendable () async throws(Failure) -> PushReceipt
    ) async throws(Failure) -> PushReceipt {
        guard options.finishesPush, !Task.isCancelled else { return try await push() }
        // A task of its own hears of no cancellation.
        let task = Task { () async -> Result<PushReceipt, Failure> in
            do throws(Failure) { return .success(try await push()) } catch { return .failure(error) }
        }
        return try await task.value.get()
    }

    private func sendSnapshot(_ prepared: Prepared) async throws(Failure) -> PushReceipt {
        let commit = try await store.write(commit: draft(prepared))
        return try await space.push(
            commit, with: prepared.composition.objects, to: target.spaceBranch,
            expecting: prepared.state.head?.id)
    }

    private func draft(_ prepared: Prepared) -> CommitDraft {
        let author = prepared.snapshot.commit.author
        var committer = author
        (committer.time, committer.offset) = (options.now(), 0)
        return CommitDraft(
            tree: prepared.composition.tree, parents: [prepared.state.head?.id].compactMap { $0 },
            author: author, committer: committer, message: message(prepared))
    }

    /// The source commit's subject, and the trailers that tell a later run what this one did (design 4.7).
    private func message(_ prepared: Prepared) -> String {
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
        if target.trace != "none", snapshot.promotion == nil, !target.shapingFlags.isEmpty {
            trailers.add(DroppedFlags.trailer, target.shapingFlags.joined(separator: ", "))
        }
        trailers.add("Settings", target.settingsHash)
        if let image = prepared.composition.baseImage { trailers.add(ImageReference.trailer, image) }
        if !prepared.keptKeys.isEmpty { trailers.add("Card-Kept", prepared.keptKeys.joined(separator: ", ")) }
        prepared.merged.write(to: &trailers)
        prepared.release?.write(to: &trailers)
        if let actor = options.actor, target.trace == "full" { trailers.add("Deployed-By", actor) }
        trailers.add("Spacesync", options.version)
        let subject = options.message ?? snapshot.commit.subject
        return (subject.isEmpty ? "Deploy \(snapshot.commit.id.short)" : subject) + "\n\n" + trailers.text
    }
}

extension Failure {
    /// Reading the source and the Space, and planning, took longer than `timeout`.
    package static func readingLimit(_ space: SpaceID, _ limit: Duration) -> Failure {
        guard !Task.isCancelled else { return Failure(.interrupted, "\(space): interrupted") }
        return Failure(
            .timedOut, "\(space): reading and planning took longer than \(limit.words); nothing was pushed",
            hint: "use --timeout to allow more time")
    }
}

import DeploySettings
import DockerSyntax
import DockerfileTemplates
import FrontMatter
import SpacesModel
import TextTools

/// The steps of a plan: reading both sides, composing the tree, and what is reported about it.
extension Deployer {
    /// Reads the source at the target's revision, with the files that `add` takes from the working tree,
    /// and logs the commit.
    func readSource(_ result: inout DeployResult) async throws(DeployError) -> SourceSnapshot {
        guard let repository = environment.source else {
            throw DeployError(.internalError, "no source repository is available for this command")
        }
        var source = try await repository.snapshot(of: target.revision)
        if let lfs = environment.lfs { source = source.withLFSContent(from: lfs) }
        source = try await source.adding(
            target.adds, from: repository, isOwn: environment.isOwnSource, to: objects)
        result.sourceCommit = source.promotion.map(\.source) ?? source.commit.id
        source.log(emit)
        return source
    }

    /// Returns the source of a plan, whose probes must not name missing files.
    func readSource(_ inputs: PlanInputs, _ result: inout DeployResult) async throws(DeployError)
        -> SourceSnapshot
    {
        if let source = inputs.source { return source }
        emit(.step("Reading the source"))
        if inputs.isRetry { await environment.source?.forget() }
        let source = try await readSource(&result)
        result.sourceTime = source.commit.commitTime
        try await ProbeBodies(probes: target.probes, snapshot: source, store: objects).check()
        return source
    }

    /// Reads the Space's head; creates nothing. A missing Space is `SpaceHead.missing`, if the run may
    /// create it or only plans.
    /// - Throws: the Hub's error with a hint if the Space is missing and may not be created.
    func readSpace(_ inputs: PlanInputs, _ forecast: Forecast) async throws(DeployError) -> SpaceHead {
        var state: SpaceHead
        if inputs.mayUseObservedHead, !forecast.expectsPush, let observed = await observedHead(inputs.before)
        {
            state = observed
        } else {
            state = try await fetchHead(inputs)
        }
        state.isNew = state.isMissing || inputs.isCreated
        guard let head = state.head else { return state }
        // A Space that this run just created has no commits by others, whatever the Hub put into it.
        state.isPristine = state.isNew && head.parents.isEmpty
        if !state.isPristine { state.isPristine = try await baselines.isPristine(head) }
        try await objects.checkSize(of: head.tree, target.space.description, .refused)
        if options.needsAllBlobs, !target.pushesHistory { try await spaceBlobs.fetchComposed(of: state) }
        return state
    }

    /// Returns the head that the API's record names; `nil` if its commit is not in the store.
    private func observedHead(_ before: Concurrent<SpaceInfo?>?) async -> SpaceHead? {
        guard target.spaceBranch == "main", let head = await before?.value?.sha else { return nil }
        return await space.storedHead(at: head)
    }

    private func fetchHead(_ inputs: PlanInputs) async throws(DeployError) -> SpaceHead {
        do {
            return try await space.fetchHead(of: target.spaceBranch)
        } catch {
            guard error.kind == .refused, error.cause == .spaceMissing, !inputs.requestedCreation else {
                throw error
            }
            // A record that arrives later would describe the Space that is created now.
            _ = await inputs.before?.value
            if options.isPlan { warnAboutMissingSpace() } else { try await requireCreation(instead: error) }
            return .missing
        }
    }

    /// Whether this run creates the Space after the plan.
    func willCreate(_ space: SpaceHead) -> Bool { space.isMissing && !options.isPlan }

    private func warnAboutMissingSpace() {
        emit(
            .warning(
                "\(target.space) does not exist (or this token cannot see it); "
                    + (target.create == true ? "a push creates it" : "a push requires --create")
                    + (target.suggestionHint.map { "; \($0)" } ?? "")))
    }

    /// Composes the tree over the Space's head: selection, Dockerfile, card, the Space's own files and
    /// edits (design 4.3).
    /// - Parameters:
    ///   - image: the resolved base image; `nil` if none is set or the registry is not asked.
    ///   - keepsEdits: whether edits made on the Space are merged, as `drift` and the guards allow.
    ///   - scanCache: scan results from an earlier composition.
    ///   - forecast: made for targets without an image; its draft is used if it is composed over this head.
    func composeTree(
        _ source: SourceSnapshot, over space: SpaceHead = .missing,
        _ baseline: DeployBaseline = DeployBaseline(), on image: BaseImage? = nil, keepsEdits: Bool = true,
        knowing scanCache: ScanCache = ScanCache(), _ forecast: Forecast = .unknown
    ) async throws(DeployError) -> DeployDraft {
        if let draft = forecast.draft(over: space) { return draft }
        var composer = TreeComposer(
            target, source, store: objects, space: space.head?.tree, completing: baseline.completedKeys,
            on: image
        ) { [repository = self.space] (blobs) async throws(DeployError) in
            try await repository.fetchBlobs(blobs)
        }
        composer.scanCache = scanCache
        composer.isPristine = space.isPristine
        var reconciler = keepsEdits ? DriftReconciler(self, baseline, source) : nil
        let composition = try await composer.compose(&reconciler)
        return DeployDraft(
            composition: composition, base: space.head?.id, sdkChange: composer.sdkChange,
            preservedKeys: composer.preservedKeys, reconciler: reconciler, image: composer.image,
            messages: composer.messages, scanCache: composer.scanCache)
    }

    /// Resolves the target's image at its registry; returns `nil` if no image is set.
    /// - Throws: kind `refused` if the image does not exist, `permissionDenied` if the Hub cannot
    ///   read it, `tryLater` if the registry does not respond.
    func resolveBaseImage(_ baseline: DeployBaseline) async throws(DeployError) -> BaseImage? {
        guard let reference = target.image else { return nil }
        guard let images = environment.images else {
            throw DeployError(.internalError, "no image resolver is available for this command")
        }
        let trailers = baseline.lastDeploy.map { Trailers(of: $0.message) } ?? Trailers()
        let resolved = try await images.resolve(reference, known: reference.digest(in: trailers))
        if resolved.isPrivate { try rejectPrivateImage(reference) }
        let earlier = trailers[ImageReference.trailer].flatMap { try? ImageReference($0) }
        return BaseImage(reference, resolved: resolved, isPinned: target.pin, after: earlier)
    }

    /// Throws for a private image, except one in the Hub's own registry: only the Hub knows whether
    /// its builder can read that.
    private func rejectPrivateImage(_ image: ImageReference) throws(DeployError) {
        guard image.registry != "registry.hf.space" else { return }
        throw DeployError(
            .permissionDenied, "image \(image.familiar) is private: the Hub cannot pull it",
            details: [
                "your credentials can read it, but the Hub's builder has no credentials for \(image.registry)"
            ],
            hint: "make the image public")
    }

    /// Logs the decisions about the image and the composition.
    func logComposition(_ draft: DeployDraft) {
        if let image = draft.image { emit(.detail(image.description)) }
        draft.messages.forEach { emit(.detail($0)) }
        guard draft.image?.changeDescription != nil, !target.pin, draft.plan.isEmpty else { return }
        emit(
            .detail(
                "pin = false: the Space keeps its current build; to build on the new image, use --rebuild"))
    }

    /// Adds the findings that the tree itself does not show: LFS pointers whose content is available
    /// nowhere, which the Hub would refuse, and the Hub's own findings on the card.
    func addFindings(to composition: inout ComposedTree, _ source: SourceSnapshot, over space: SpaceHead)
        async throws(DeployError)
    {
        let missing = try await environment.lfs?.missingObjects(among: composition.lfsFiles, of: source) ?? []
        composition.findings += missing.map { $0.finding(isComposed: !target.pushesHistory) }
        guard let validator = options.cardValidator else { return }
        composition.findings += try await validator.findings(
            on: composition, over: space.head?.tree, in: objects, isComposed: !target.pushesHistory)
    }

    func logFindings(of draft: DeployDraft) {
        draft.composition.findings.warnings(of: target.space).forEach(emit)
        if target.pushesHistory, options.message != nil {
            emit(
                .warning(
                    "--message is ignored with history = source: the source's commits keep their messages"))
        }
    }

    /// Records the plan in the result and reports it.
    func announce(_ deploy: PreparedDeploy, _ result: inout DeployResult) {
        result.plan = deploy.plan
        emit(.planned(deploy.plan))
        guard !target.pushesHistory else { return }
        if deploy.source.promotion != nil, !deploy.plan.isEmpty {
            emit(.detail("variables, secrets and hardware of \(target.space) are not changed"))
        }
        if deploy.plan.isEmpty { logPreservedEdits(deploy.draft.reconciler?.newlyPreserved ?? []) }
    }

    /// Verifies that a push with a saved plan sends exactly what was planned.
    /// - Returns: the plan to save.
    /// - Throws: kind `blocked`, with all differences.
    func verifySavedPlan(
        of draft: DeployDraft, _ source: SourceSnapshot, _ space: SpaceHead
    ) async throws(DeployError) -> SavedPlan {
        let plan = SavedPlan(target, source, space, draft.composition)
        guard let expected = options.expectedPlan else { return plan }
        var current = plan
        if expected.spaceHead == nil, space.isPristine {
            // The initial commit that the Hub puts into a new Space is not a change; all other files
            // must be as planned.
            current.spaceHead = nil
            if !target.pushesHistory {
                let empty = try await composeTree(source, on: draft.image)
                current = SavedPlan(target, source, .missing, empty.composition)
            }
        }
        let differences = expected.differences(from: current)
        guard differences.isEmpty else {
            throw DeployError(
                .blocked, "the saved plan for \(target.space) is out of date; nothing was pushed",
                details: differences, hint: "to plan again: spacesync plan \(target.space) --out FILE")
        }
        return plan
    }

    /// Adds line diffs of README.md and the Dockerfile to the plan, with `plan --diff`. Fetches the
    /// Space's versions in one request.
    func attachDiffs(to composition: inout ComposedTree, over space: SpaceHead) async throws(DeployError) {
        guard options.includesDiffs else { return }
        let names: [Path] = ["README.md", "Dockerfile"]
        let new = try await entries(of: composition.tree, names)
        var old: [Path: TreeEntry] = [:]
        if let head = space.head { old = try await entries(of: head.tree, names) }
        let spaceBlobs = names.compactMap { old[$0] == new[$0] ? nil : old[$0]?.id }
        if !spaceBlobs.isEmpty { try await self.space.fetchBlobs(spaceBlobs) }
        for (index, change) in composition.plan.changes.enumerated() where names.contains(change.path) {
            let before = try await diffSide(old[change.path]), after = try await diffSide(new[change.path])
            guard change.kind != .kept, before != nil || after != nil else { continue }
            composition.plan.changes[index].diff = FileDiff(path: change.path, old: before, new: after).text
        }
    }

    private func entries(of tree: ObjectID, _ names: [Path]) async throws(DeployError) -> [Path: TreeEntry] {
        let entries = try await objects.entries(of: tree).filter { names.contains($0.name) && $0.kind.isBlob }
        return Dictionary(entries.map { ($0.name, $0) }) { first, _ in first }
    }

    private func diffSide(_ entry: TreeEntry?) async throws(DeployError) -> FileDiff.Side? {
        guard let entry else { return nil }
        return FileDiff.Side(kind: entry.kind, id: entry.id, text: try await objects.content(of: entry.id))
    }
}

import DeploySettings
import DockerSyntax
import DockerfileTemplates
import SpacesModel
import TextTools

extension Deployer {
    /// Returns the Space's head. A missing Space is created if that is requested; a plan treats it as
    /// empty.
    /// - Parameters:
    ///   - spaceInfo: the Space's record from the API; `nil` if the API is not called.
    ///   - isFirst: whether the head in that record may be used.
    ///   - forecast: whether a push is expected.
    ///   - scanCache: receives the scan results of creating the Space.
    func readOrCreateSpace(
        _ snapshot: SourceSnapshot, _ spaceInfo: Concurrent<SpaceInfo?>?, isFirst: Bool,
        _ forecast: Forecast<Store>, _ scanCache: inout ScanCache
    ) async throws(DeployError) -> SpaceHead {
        var state: SpaceHead
        if isFirst, !forecast.expectsPush, let observed = await observedHead(spaceInfo) {
            state = observed
        } else {
            state = try await fetchOrCreateHead(snapshot, spaceInfo, &scanCache)
        }
        guard let head = state.head else { return state }
        // A Space that this run just created has no commits by others, whatever the Hub put into it.
        if state.isNew, head.parents.isEmpty {
            state.isPristine = true
        } else {
            state.isPristine = try await isPristine(head)
        }
        return state
    }

    /// Returns the head that the API's record names; `nil` if its commit is not in the store.
    private func observedHead(_ spaceInfo: Concurrent<SpaceInfo?>?) async -> SpaceHead? {
        guard target.spaceBranch == "main", let head = await spaceInfo?.value?.sha else { return nil }
        return await space.storedHead(at: head)
    }

    private func fetchOrCreateHead(
        _ snapshot: SourceSnapshot, _ spaceInfo: Concurrent<SpaceInfo?>?, _ scanCache: inout ScanCache
    ) async throws(DeployError) -> SpaceHead {
        do {
            return try await space.fetchHead(of: target.spaceBranch)
        } catch {
            guard error.kind == .refused, error.cause == .spaceMissing else { throw error }
            // A record that arrives later would describe the Space that is created now.
            _ = await spaceInfo?.value
            if options.isPlan { return planMissingSpace() }
            let wasCreated = try await createSpace(snapshot, &scanCache, instead: error)
            var state = try await space.fetchHead(of: target.spaceBranch)
            state.isNew = wasCreated
            return state
        }
    }

    /// Checks the size of the Space's tree.
    /// - Throws: kind `refused` if the Space's tree exceeds the limits.
    func checkSize(of state: SpaceHead) async throws(DeployError) {
        guard let head = state.head else { return }
        try await store.checkSize(of: head.tree, target.space.description, .refused)
    }

    private func planMissingSpace() -> SpaceHead {
        let create = target.create == true
        emit(
            .warning(
                "\(target.space) is not there (or this token may not see it); "
                    + (create ? "a push creates it" : "a push needs --create")
                    + (target.suggestionHint.map { "; \($0)" } ?? "")))
        var state = SpaceHead(head: nil)
        state.isNew = true
        return state
    }

    private func createSpace(
        _ snapshot: SourceSnapshot, _ scanCache: inout ScanCache, instead missing: DeployError
    ) async throws(DeployError) -> Bool {
        let visibility = target.visibility ?? "private"
        var isAllowed = target.create
        if isAllowed == nil {
            isAllowed = await options.requestConfirmation("Create the \(visibility) Space \(target.space)?")
        }
        guard isAllowed == true else {
            var error = missing
            error.hint =
                "to create it: spacesync push \(target.space) --create\nor write create = true in its section"
            throw error
        }
        try options.checkCommitBudget()
        let sdk = try await sdkForNewSpace(snapshot, &scanCache)
        try requireSecretValues(of: configurator.desiredConfiguration, on: [])
        let settings = try await initialConfiguration()
        try await confirmCosts(to: settings)
        emit(.step("Asking the Hub for \(target.space) (\(visibility))"))
        let wasCreated = try await configurator.create(sdk: sdk, visibility: visibility)
        emit(.detail("created \(target.space), a \(sdk) Space"))
        if wasCreated { settings.forEach { emit(.configured($0)) } }
        return wasCreated
    }

    /// Returns the kind of a new Space: from the settings, the card, then a Dockerfile. A tree that
    /// the Hub would refuse throws, so that no Space is created.
    private func sdkForNewSpace(_ snapshot: SourceSnapshot, _ scanCache: inout ScanCache)
        async throws(DeployError) -> String
    {
        if target.pushesHistory { return try await sdkFromHistory(snapshot) }
        let image = try await resolveBaseImage(DeployBaseline())
        var composer = TreeComposer(target, snapshot, store: store, space: nil, on: image) {
            (_) async throws(DeployError) in
        }
        var noReconciler: DriftReconciler<Store>?
        var composition = try await composer.compose(&noReconciler)
        composition.findings += try await missingLFSObjects(composition, of: snapshot)
        composition.findings += try await hubCardFindings(composition, over: nil)
        scanCache = composer.scanCache
        if let failure = DeployError.preflight(composition.findings, target.space) { throw failure }
        return composer.sdkChange.new ?? "docker"
    }
}

extension Deployer {
    /// Resolves the target's image at its registry; returns `nil` if no image is set.
    /// - Throws: kind `refused` if the image does not exist, `permissionDenied` if the Hub cannot
    ///   read it, `tryLater` if the registry does not respond.
    func resolveBaseImage(_ baseline: DeployBaseline) async throws(DeployError) -> BaseImage? {
        guard let reference = target.image else { return nil }
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
            .permissionDenied, "image \(image.familiar) is private: the Hub could not build on it",
            details: ["your credentials read it, but the Hub's builder has none for \(image.registry)"],
            hint: "make the image public")
    }

    /// Logs the decisions about the image and the composition.
    func logComposition(_ image: BaseImage?, _ messages: [String], _ plan: Plan) {
        if let image { emit(.detail(image.description)) }
        messages.forEach { emit(.detail($0)) }
        guard image?.changeDescription != nil, !target.pin, plan.isEmpty else { return }
        emit(.detail("pin = false leaves the Space as it was built; --rebuild builds it on the new image"))
    }
}

/// Git LFS: large files are uploaded to the Hub's storage before the commit that points to them is
/// pushed.
extension Deployer {
    func uploadMissingLFSObjects(_ prepared: PreparedDeploy) async throws(DeployError) {
        let files = prepared.composition.lfsFiles
        guard !files.isEmpty else { return }
        let size = files.reduce(0) { $0.addingClamped($1.pointer.size) }
        let count = files.count == 1 ? "1 file" : "\(files.count) files"
        emit(.step("Uploading \(count) by LFS (\(size.asSize))"))
        try await lfsTransfer.upload(files, of: prepared.snapshot) { emit(Event($0)) }
    }

    /// Returns findings for LFS pointers of the source whose content is available nowhere: the Hub
    /// would refuse them.
    func missingLFSObjects(_ composition: ComposedTree, of snapshot: SourceSnapshot) async throws(DeployError)
        -> [Finding]
    {
        try await lfsTransfer.missingObjects(among: composition.lfsFiles, of: snapshot).map {
            $0.finding(isComposed: !target.pushesHistory)
        }
    }
}

extension MissingLFSObject {
    /// Returns the finding for a missing LFS object.
    /// - Parameter isComposed: whether the tree is composed, so that settings can exclude the file.
    func finding(isComposed: Bool) -> Finding {
        let fix =
            "git lfs fetch --all where this is deployed from, or git lfs push --all from a clone that has it"
        return Finding(
            .error, file.path, .lfsPointer, "is an LFS pointer whose file is not to be had: \(why)",
            fix: isComposed ? "\(fix); or leave it out: exclude = \(file.path.pattern)" : fix)
    }
}

extension Deployer {
    /// Verifies that a push with a saved plan sends exactly what was planned.
    /// - Throws: kind `blocked`, with all differences.
    func verifySavedPlan(
        _ record: SavedPlan?, _ snapshot: SourceSnapshot, _ state: SpaceHead, _ image: BaseImage?
    ) async throws(DeployError) {
        guard let expected = options.expectedPlan, var current = record else { return }
        if expected.spaceHead == nil, state.isPristine {
            // The initial commit that the Hub puts into a new Space is not a change; all other files
            // must be as planned.
            current = try await savedPlanForNewSpace(snapshot, image, current)
        }
        let differences = expected.differences(from: current)
        guard !differences.isEmpty else { return }
        throw DeployError(
            .blocked, "the plan for \(target.space) is no longer true: nothing was pushed",
            details: differences, hint: "plan again: spacesync plan \(target.space) --out FILE")
    }

    /// Returns the saved plan as it would be if the Space did not exist.
    private func savedPlanForNewSpace(_ snapshot: SourceSnapshot, _ image: BaseImage?, _ current: SavedPlan)
        async throws(DeployError) -> SavedPlan
    {
        if target.pushesHistory { return current.forNewSpace }
        var composer = TreeComposer(target, snapshot, store: store, space: nil, on: image) {
            (_) async throws(DeployError) in
        }
        var noReconciler: DriftReconciler<Store>?
        let composition = try await composer.compose(&noReconciler)
        return SavedPlan(target, snapshot, SpaceHead(head: nil), composition)
    }
}

extension SavedPlan {
    /// The same plan for a Space that does not exist.
    fileprivate var forNewSpace: SavedPlan {
        var plan = self
        plan.spaceHead = nil
        return plan
    }
}

extension SourceSnapshot {
    /// Logs the commit that is deployed; warns about uncommitted changes, which are not deployed.
    func log(_ emit: EventHandler) {
        let branchPrefix = branch.map { "\($0.shortened(to: ShownLimit.branch)) at " } ?? ""
        emit(.detail("\(repository): \(branchPrefix)\(commit.id.short) \(commit.shownSubject)"))
        guard uncommitted > 0 else { return }
        let changes = uncommitted == 1 ? "1 change" : "\(uncommitted) changes"
        emit(.warning("\(changes) in the work tree not committed, so not deployed"))
    }
}

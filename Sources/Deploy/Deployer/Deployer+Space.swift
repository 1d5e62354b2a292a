import DeploySettings
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

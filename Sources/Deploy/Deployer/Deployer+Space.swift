import DeploySettings
import SpacesModel
import TextTools

extension Deployer {
    /// The Space's head; a Space that is not there is created when that was asked for, and planned as empty in a plan.
    /// - Parameters:
    ///   - asked: the API's record of the Space; nil if the API is not asked.
    ///   - isFirst: the head in that record may serve.
    ///   - forecast: whether a push is to be expected.
    ///   - surveyed: gets the files that had to be looked at for that.
    func readOrCreateSpace(
        _ snapshot: SourceSnapshot, _ spaceInfo: Concurrent<SpaceInfo?>?, isFirst: Bool,
        _ forecast: Forecast<Store>, _ scanCache: inout ScanCache
    ) async throws(DeployError) -> SpaceHead {
        var state: SpaceHead
        if isFirst, !forecast.expectsPush, let told = await observedHead(spaceInfo) {
            state = told
        } else {
            state = try await fetchOrCreateHead(snapshot, spaceInfo, &scanCache)
        }
        guard let head = state.head else { return state }
        // Nobody else has written to a Space that this run just created, whatever the Hub put into it.
        if state.isNew, head.parents.isEmpty {
            state.isPristine = true
        } else {
            state.isPristine = try await isPristine(head)
        }
        return state
    }

    /// The head that the API's record names, if it is at hand.
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
            // A record that came later would be one of the Space that is created now.
            _ = await spaceInfo?.value
            if options.isPlan { return planMissingSpace() }
            let isOurs = try await createSpace(snapshot, &scanCache, instead: error)
            var state = try await space.fetchHead(of: target.spaceBranch)
            state.isNew = isOurs
            return state
        }
    }

    /// - Throws: kind `refused` when the Space's tree is beyond what is read.
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
        var allowed = target.create
        if allowed == nil {
            allowed = await options.requestConfirmation("Create the \(visibility) Space \(target.space)?")
        }
        guard allowed == true else {
            var failure = missing
            failure.hint =
                "to create it: spacesync push \(target.space) --create\nor write create = true in its section"
            throw failure
        }
        try options.checkCommitBudget()
        let sdk = try await sdkForNewSpace(snapshot, &scanCache)
        try requireSecretValues(of: configurator.desiredConfiguration, on: [])
        let settings = try await initialConfiguration()
        try await confirmCosts(to: settings)
        emit(.step("Asking the Hub for \(target.space) (\(visibility))"))
        let isOurs = try await configurator.create(sdk: sdk, visibility: visibility)
        emit(.detail("created \(target.space), a \(sdk) Space"))
        if isOurs { settings.forEach { emit(.configured($0)) } }
        return isOurs
    }

    /// The kind of Space must be known before it is made: settings, the card, then a Dockerfile. A tree that the Hub
    /// would refuse makes none.
    private func sdkForNewSpace(_ snapshot: SourceSnapshot, _ scanCache: inout ScanCache)
        async throws(DeployError) -> String
    {
        if target.pushesHistory { return try await sdkFromHistory(snapshot) }
        let image = try await resolveBaseImage(DeployBaseline())
        var composer = TreeComposer(target, snapshot, store: store, space: nil, on: image) {
            (_) async throws(DeployError) in
        }
        var nobody: DriftReconciler<Store>?
        var composition = try await composer.compose(&nobody)
        composition.findings += try await missingLFSObjects(composition, of: snapshot)
        composition.findings += try await hubCardFindings(composition, over: nil)
        scanCache = composer.scanCache
        if let failure = DeployError.preflight(composition.findings, target.space) { throw failure }
        return composer.sdkChange.new ?? "docker"
    }
}

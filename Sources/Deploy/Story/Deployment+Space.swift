import DeploySettings
import SpacesModel
import TextTools

extension Deployment {
    /// The Space's head; a Space that is not there is created when that was asked for, and planned as empty in a plan.
    /// - Parameters:
    ///   - asked: the API's record of the Space; nil if the API is not asked.
    ///   - isFirst: the head in that record may serve.
    ///   - forecast: whether a push is to be expected.
    ///   - surveyed: gets the files that had to be looked at for that.
    func spaceState(
        _ snapshot: Snapshot, _ asked: Concurrent<SpaceInfo?>?, isFirst: Bool,
        _ forecast: Forecast<Store>, _ surveyed: inout SurveyedFiles
    ) async throws(Failure) -> SpaceState {
        var state: SpaceState
        if isFirst, !forecast.expectsPush, let told = await toldState(asked) {
            state = told
        } else {
            state = try await presentState(snapshot, asked, &surveyed)
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
    private func toldState(_ asked: Concurrent<SpaceInfo?>?) async -> SpaceState? {
        guard target.spaceBranch == "main", let head = await asked?.value?.sha else { return nil }
        return await space.state(at: head)
    }

    private func presentState(
        _ snapshot: Snapshot, _ asked: Concurrent<SpaceInfo?>?, _ surveyed: inout SurveyedFiles
    ) async throws(Failure) -> SpaceState {
        do {
            return try await space.state(of: target.spaceBranch)
        } catch {
            guard error.kind == .refused, error.cause == .spaceMissing else { throw error }
            // A record that came later would be one of the Space that is created now.
            _ = await asked?.value
            if options.isPlan { return missingInPlan() }
            let isOurs = try await create(snapshot, &surveyed, instead: error)
            var state = try await space.state(of: target.spaceBranch)
            state.isNew = isOurs
            return state
        }
    }

    /// - Throws: kind `refused` when the Space's tree is beyond what is read.
    func checkSize(of state: SpaceState) async throws(Failure) {
        guard let head = state.head else { return }
        try await store.checkSize(of: head.tree, target.space.description, .refused)
    }

    private func missingInPlan() -> SpaceState {
        let create = target.create == true
        say(
            .warning(
                "\(target.space) is not there (or this token may not see it); "
                    + (create ? "a push creates it" : "a push needs --create")
                    + (target.doubt.map { "; \($0)" } ?? "")))
        var state = SpaceState(head: nil)
        state.isNew = true
        return state
    }

    private func create(
        _ snapshot: Snapshot, _ surveyed: inout SurveyedFiles, instead missing: Failure
    ) async throws(Failure) -> Bool {
        let visibility = target.visibility ?? "private"
        var allowed = target.create
        if allowed == nil { allowed = await options.ask("Create the \(visibility) Space \(target.space)?") }
        guard allowed == true else {
            var failure = missing
            failure.hint =
                "to create it: spacesync push \(target.space) --create\nor write create = true in its section"
            throw failure
        }
        try options.wouldCommit()
        let sdk = try await sdkForCreation(snapshot, &surveyed)
        try checkReach(of: keeper.wishes, on: [])
        let settings = try await firstSettings()
        try await agree(to: settings)
        say(.step("Asking the Hub for \(target.space) (\(visibility))"))
        let isOurs = try await keeper.create(sdk: sdk, visibility: visibility)
        say(.detail("created \(target.space), a \(sdk) Space"))
        if isOurs { settings.forEach { say(.configured($0)) } }
        return isOurs
    }

    /// The kind of Space must be known before it is made: settings, the card, then a Dockerfile. A tree that the Hub
    /// would refuse makes none.
    private func sdkForCreation(_ snapshot: Snapshot, _ surveyed: inout SurveyedFiles)
        async throws(Failure) -> String
    {
        if target.sendsHistory { return try await historyKind(snapshot) }
        let image = try await baseImage(SpacePast())
        var composer = Composer(target, snapshot, store: store, space: nil, on: image) {
            (_) async throws(Failure) in
        }
        var nobody: Reconciler<Store>?
        var composition = try await composer.compose(&nobody)
        composition.findings += try await lostFiles(composition, of: snapshot)
        composition.findings += try await judged(composition, over: nil)
        surveyed = composer.surveyed
        if let failure = Failure.preflight(composition.findings, target.space) { throw failure }
        return composer.kinds.new ?? "docker"
    }
}

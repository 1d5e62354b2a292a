import DeploySettings
import SpacesModel
import TextTools

/// Variables, secrets, hardware and visibility, as the settings want them (design 3, 4.5).
extension Deployment {
    /// What is to be set on the Space besides its files.
    /// - Parameter before: what the Hub told of the Space, where it was asked already.
    /// - Throws: kind `settings` for a secret that the Space needs and nobody has.
    func stateChanges(of state: SpaceState, _ before: SpaceInfo?, isPushing: Bool)
        async throws(Failure) -> [StateChange]
    {
        let wishes = keeper.wishes
        guard !options.isWhole, !wishes.isEmpty || options.prunes else { return [] }
        guard options.comparesState || isPushing || state.isNew else { return [] }
        tellPublic(wishes)
        // What is made now is made with all of it.
        if state.isNew, !options.isPlan { return [] }
        var comparison = StateComparison(
            wishes: wishes, space: target.space, info: state.isNew ? nil : try await known(before),
            isPushing: isPushing, prunes: options.prunes)
        if !state.isNew, !wishes.variables.isEmpty || !wishes.secrets.isEmpty || options.prunes {
            // Both, as they share their names.
            (comparison.variables, comparison.secrets) = try await valuesInSight()
            if let collision = comparison.collision { throw collision }
        }
        try checkReach(of: wishes, on: comparison.secrets.map { Array($0.keys) })
        try await complete(&comparison)
        return comparison.changes
    }

    /// - Throws: kind `settings` for hardware that the Hub does not have.
    private func complete(_ comparison: inout StateComparison) async throws(Failure) {
        guard !comparison.machineChanges.isEmpty else { return }
        comparison.offers = try await keeper.offers()
        let names = comparison.offers.map(\.name)
        guard let wish = keeper.wishes.hardware, !names.isEmpty, !names.contains(wish) else { return }
        throw Failure(
            .settings, "hardware = \(wish): the Hub has no such flavour",
            hint: (nearest(wish, among: names).map { "did you mean \($0)? " } ?? "")
                + "spacesync hardware lists them")
    }

    private func known(_ before: SpaceInfo?) async throws(Failure) -> SpaceInfo? {
        let wishes = keeper.wishes
        guard wishes.hardware != nil || wishes.sleepTime != nil || wishes.visibility != nil else {
            return before
        }
        if let before, before.runtime != nil { return before }
        return try await builds.info()
    }

    /// The Space's variables and secrets, asked for at the same time.
    private func valuesInSight() async throws(Failure) -> (
        variables: [String: String], secrets: [String: SecretStanding]?
    ) {
        try await withConcurrent({ [keeper] in
            do throws(Failure) { return Result.success(try await keeper.secrets()) } catch {
                return Result.failure(error)
            }
        }) { (secrets) async throws(Failure) in
            (try await keeper.variables(), try secretsInSight(await secrets.value))
        }
    }

    /// A plan does without: names of secrets are shown to those who may write.
    private func secretsInSight(
        _ secrets: Result<[String: SecretStanding], Failure>
    ) throws(Failure) -> [String: SecretStanding]? {
        do { return try secrets.get() } catch {
            guard options.isPlan, error.kind == .notAllowed else { throw error }
            say(.warning("secrets are not compared: \(error.message)"))
            return nil
        }
    }

    private func tellPublic(_ wishes: Wishes) {
        for variable in wishes.variables where SecretName.matches(variable.name.utf8) {
            say(
                .warning(
                    "variable \(variable.name) can be read by whoever sees the Space; if it is a secret: "
                        + "secret = \(variable.name)=env:\(variable.name)"))
        }
    }

    /// Before anything is made or sent: an app without its secret is no deploy.
    /// - Parameter names: of the Space's secrets; nil where they cannot be looked at.
    func checkReach(of wishes: Wishes, on names: [String]?) throws(Failure) {
        guard let names else { return }
        let missing = wishes.missing(on: names)
        guard let first = missing.first else { return }
        let list = missing.map(\.name).joined(separator: ", ")
        throw Failure(
            .settings,
            "\(target.space) has no secret \(list), and \(missing.count == 1 ? "its value is" : "their values are") not in reach",
            details: missing.map { "\($0.name): looked for it in \($0.place)" },
            hint: "set it in reach, or write secret = \(first.name)? if the app runs without it")
    }

    /// Money and exposure need a yes: at the terminal, by `--yes`, or by `spacesync.trust` of who runs this unattended.
    func agree(to changes: [StateChange]) async throws(Failure) {
        let open = open(changes), stakes = stakes(open)
        guard !open.isEmpty else { return }
        guard await options.ask(stakes.joined(separator: "\n") + "\nSet this for \(target.space)?") else {
            let keys = open.map { "git config --add spacesync.trust '\($0.subject)'" }
            throw Failure(
                .guarded, "\(target.space): money and exposure need a yes; nothing was changed",
                details: stakes,
                hint: (["spacesync push \(target.space) --yes"] + keys.map { "for unattended runs: \($0)" })
                    .joined(separator: "\n"))
        }
    }

    /// For those who do not push.
    func tellStakes(of changes: [StateChange]) {
        for stake in stakes(open(changes)) { say(.warning("a push needs a yes (--yes): \(stake)")) }
    }

    /// What nobody has said yes to for good.
    private func open(_ changes: [StateChange]) -> [StateChange] {
        changes.filter {
            $0.stake != nil && !options.trusted.contains($0.subject.description.lowercased())
        }
    }

    private func stakes(_ changes: [StateChange]) -> [String] {
        changes.map { "\($0.subject) \($0.why): \($0.stake ?? "")" }
    }

    /// Asks for a yes where one is needed, and sets what is to be set. Once, however often the push is planned anew.
    func set(_ prepared: inout Prepared) async throws(Failure) {
        // --yes confirms exposure, not credentials.
        try await checkExposure(prepared)
        try await agree(to: prepared.settings)
        try await carryOut(prepared.settings)
        prepared.isSet = prepared.settings.contains { $0.order != nil }
    }

    /// What a Space that is made gets at once.
    func firstSettings() async throws(Failure) -> [StateChange] {
        var comparison = StateComparison(wishes: keeper.wishes, space: target.space, info: nil)
        try await complete(&comparison)
        return comparison.changes
    }

    /// Sets one after the other; those that were set before a fault are named.
    func carryOut(_ changes: [StateChange]) async throws(Failure) {
        var done: [String] = []
        let due = changes.filter { $0.order != nil }
        guard !due.isEmpty else { return }
        say(.step("Setting \(due.map(\.subject.description).joined(separator: ", "))"))
        for change in due {
            guard let order = change.order else { continue }
            do { try await keeper.carryOut(order) } catch {
                var failure = error
                if !done.isEmpty { failure.details.append("set before: \(done.joined(separator: ", "))") }
                throw failure
            }
            say(.configured(change))
            done.append(change.subject.description)
        }
    }

    /// Nothing was pushed, and the Space begins anew with what was set.
    func settleSet(_ prepared: Prepared, _ before: SpaceInfo?, _ report: inout Report) async throws(Failure) {
        report.outcome = .deployed
        guard let commit = prepared.commit, prepared.isRestarted, options.waits, target.spaceBranch == "main"
        else {
            return
        }
        if before?.runtime?.stage == .paused {
            return try await follow(commit, from: before?.runtime, pushed: false, &report)
        }
        let watch = Stopwatch(clock)
        try await follow(commit, from: await restarting(), pushed: false, &report)
        try await probe(prepared.snapshot, after: watch.elapsed(), &report)
    }

    /// The Hub may tell the stage of before for a while.
    private func restarting() async -> Runtime? {
        var runtime: Runtime?
        for _ in 1...10 {
            runtime = try? await builds.runtime()
            if runtime?.stage.isInProgress == true { break }
            guard (try? await clock.sleep(for: .milliseconds(500))) != nil else { break }
        }
        return runtime
    }
}

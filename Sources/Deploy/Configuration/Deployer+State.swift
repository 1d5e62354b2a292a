import DeploySettings
import SpacesModel
import TextTools

/// Variables, secrets, hardware and visibility, as the settings want them (design 3, 4.5).
extension Deployer {
    /// What is to be set on the Space besides its files.
    /// - Parameter before: what the Hub told of the Space, where it was asked already.
    /// - Throws: kind `settings` for a secret that the Space needs and nobody has.
    func configurationChanges(of state: SpaceHead, _ before: SpaceInfo?, isPushing: Bool)
        async throws(DeployError) -> [ConfigurationChange]
    {
        let wishes = configurator.desiredConfiguration
        guard !options.needsAllBlobs, !wishes.isEmpty || options.prunes else { return [] }
        guard options.comparesConfiguration || isPushing || state.isNew else { return [] }
        warnAboutPublicSecrets(wishes)
        // What is made now is made with all of it.
        if state.isNew, !options.isPlan { return [] }
        var comparison = ConfigurationDiff(
            desired: wishes, space: target.space, info: state.isNew ? nil : try await loadSpaceInfo(before),
            isPushing: isPushing, prunes: options.prunes)
        if !state.isNew, !wishes.variables.isEmpty || !wishes.secrets.isEmpty || options.prunes {
            // Both, as they share their names.
            (comparison.variables, comparison.secrets) = try await fetchVariablesAndSecrets()
            if let collision = comparison.collision { throw collision }
        }
        try requireSecretValues(of: wishes, on: comparison.secrets.map { Array($0.keys) })
        try await addHardwareOffers(&comparison)
        return comparison.changes
    }

    /// - Throws: kind `settings` for hardware that the Hub does not have.
    private func addHardwareOffers(_ comparison: inout ConfigurationDiff) async throws(DeployError) {
        guard !comparison.hardwareChanges.isEmpty else { return }
        comparison.offers = try await configurator.hardwareOptions()
        let names = comparison.offers.map(\.name)
        guard let wish = configurator.desiredConfiguration.hardware, !names.isEmpty, !names.contains(wish)
        else { return }
        throw DeployError(
            .settings, "hardware = \(wish): the Hub has no such flavour",
            hint: (nearest(wish, among: names).map { "did you mean \($0)? " } ?? "")
                + "spacesync hardware lists them")
    }

    private func loadSpaceInfo(_ before: SpaceInfo?) async throws(DeployError) -> SpaceInfo? {
        let wishes = configurator.desiredConfiguration
        guard wishes.hardware != nil || wishes.sleepTime != nil || wishes.visibility != nil else {
            return before
        }
        if let before, before.runtime != nil { return before }
        return try await builds.info()
    }

    /// The Space's variables and secrets, asked for at the same time.
    private func fetchVariablesAndSecrets() async throws(DeployError) -> (
        variables: [String: String], secrets: [String: SecretComparison]?
    ) {
        try await withConcurrent({ [configurator] in
            do throws(DeployError) { return Result.success(try await configurator.secrets()) } catch {
                return Result.failure(error)
            }
        }) { (secrets) async throws(DeployError) in
            (try await configurator.variables(), try knownSecrets(await secrets.value))
        }
    }

    /// A plan does without: names of secrets are shown to those who may write.
    private func knownSecrets(
        _ secrets: Result<[String: SecretComparison], DeployError>
    ) throws(DeployError) -> [String: SecretComparison]? {
        do { return try secrets.get() } catch {
            guard options.isPlan, error.kind == .permissionDenied else { throw error }
            emit(.warning("secrets are not compared: \(error.message)"))
            return nil
        }
    }

    private func warnAboutPublicSecrets(_ desired: DesiredConfiguration) {
        for variable in desired.variables where SecretName.matches(variable.name.utf8) {
            emit(
                .warning(
                    "variable \(variable.name) can be read by whoever sees the Space; if it is a secret: "
                        + "secret = \(variable.name)=env:\(variable.name)"))
        }
    }

    /// Before anything is made or sent: an app without its secret is no deploy.
    /// - Parameter names: of the Space's secrets; nil where they cannot be looked at.
    func requireSecretValues(of desired: DesiredConfiguration, on names: [String]?) throws(DeployError) {
        guard let names else { return }
        let missing = desired.missingSecrets(on: names)
        guard let first = missing.first else { return }
        let list = missing.map(\.name).joined(separator: ", ")
        throw DeployError(
            .settings,
            "\(target.space) has no secret \(list), and \(missing.count == 1 ? "its value is" : "their values are") not in reach",
            details: missing.map { "\($0.name): looked for it in \($0.location)" },
            hint: "set it in reach, or write secret = \(first.name)? if the app runs without it")
    }

    /// Money and exposure need a yes: at the terminal, by `--yes`, or by `spacesync.trust` of who runs this unattended.
    func confirmCosts(to changes: [ConfigurationChange]) async throws(DeployError) {
        let open = unconfirmed(changes), stakes = costWarnings(open)
        guard !open.isEmpty else { return }
        guard
            await options.requestConfirmation(
                stakes.joined(separator: "\n") + "\nSet this for \(target.space)?")
        else {
            let keys = open.map { "git config --add spacesync.trust '\($0.subject)'" }
            throw DeployError(
                .blocked, "\(target.space): money and exposure need a yes; nothing was changed",
                details: stakes,
                hint: (["spacesync push \(target.space) --yes"] + keys.map { "for unattended runs: \($0)" })
                    .joined(separator: "\n"))
        }
    }

    /// For those who do not push.
    func logCostWarnings(of changes: [ConfigurationChange]) {
        for stake in costWarnings(unconfirmed(changes)) {
            emit(.warning("a push needs a yes (--yes): \(stake)"))
        }
    }

    /// What nobody has said yes to for good.
    private func unconfirmed(_ changes: [ConfigurationChange]) -> [ConfigurationChange] {
        changes.filter {
            $0.costWarning != nil && !options.preapproved.contains($0.subject.description.lowercased())
        }
    }

    private func costWarnings(_ changes: [ConfigurationChange]) -> [String] {
        changes.map { "\($0.subject) \($0.why): \($0.costWarning ?? "")" }
    }

    /// Asks for a yes where one is needed, and sets what is to be set. Once, however often the push is planned anew.
    func applyConfiguration(_ prepared: inout PreparedDeploy) async throws(DeployError) {
        // --yes confirms exposure, not credentials.
        try await checkExposure(prepared)
        try await confirmCosts(to: prepared.configurationChanges)
        try await apply(prepared.configurationChanges)
        prepared.isConfigured = prepared.configurationChanges.contains { $0.command != nil }
    }

    /// What a Space that is made gets at once.
    func initialConfiguration() async throws(DeployError) -> [ConfigurationChange] {
        var comparison = ConfigurationDiff(
            desired: configurator.desiredConfiguration, space: target.space, info: nil)
        try await addHardwareOffers(&comparison)
        return comparison.changes
    }

    /// Sets one after the other; those that were set before a fault are named.
    func apply(_ changes: [ConfigurationChange]) async throws(DeployError) {
        var done: [String] = []
        let due = changes.filter { $0.command != nil }
        guard !due.isEmpty else { return }
        emit(.step("Setting \(due.map(\.subject.description).joined(separator: ", "))"))
        for change in due {
            guard let order = change.command else { continue }
            do { try await configurator.apply(order) } catch {
                var failure = error
                if !done.isEmpty { failure.details.append("set before: \(done.joined(separator: ", "))") }
                throw failure
            }
            emit(.configured(change))
            done.append(change.subject.description)
        }
    }

    /// Nothing was pushed, and the Space begins anew with what was set.
    func watchRestart(_ prepared: PreparedDeploy, _ before: SpaceInfo?, _ report: inout DeployResult)
        async throws(DeployError)
    {
        report.outcome = .deployed
        guard let commit = prepared.commit, prepared.isRestarted, options.waits, target.spaceBranch == "main"
        else {
            return
        }
        if before?.runtime?.stage == .paused {
            return try await watchBuild(commit, from: before?.runtime, pushed: false, &report)
        }
        let watch = Stopwatch(clock)
        try await watchBuild(commit, from: await waitForRestart(), pushed: false, &report)
        try await probe(prepared.snapshot, after: watch.elapsed(), &report)
    }

    /// The Hub may tell the stage of before for a while.
    private func waitForRestart() async -> Runtime? {
        var runtime: Runtime?
        for _ in 1...10 {
            runtime = try? await builds.runtime()
            if runtime?.stage.isInProgress == true { break }
            guard (try? await clock.sleep(for: .milliseconds(500))) != nil else { break }
        }
        return runtime
    }
}

import DeploySettings
import SpacesModel
import TextTools

/// Applies the variables, secrets, hardware and visibility of the settings to the Space (design 3,
/// 4.5).
extension Deployer {
    /// Returns the changes that a deploy makes to the Space's configuration.
    /// - Parameter before: the Hub's description of the Space, if it was requested already.
    /// - Throws: kind `settings` if a required secret has no value on the Space or in the settings.
    func configurationChanges(of state: SpaceHead, _ before: SpaceInfo?, isPushing: Bool)
        async throws(DeployError) -> [ConfigurationChange]
    {
        let desired = environment.configuration.desiredConfiguration
        guard !options.needsAllBlobs, !desired.isEmpty || options.prunes else { return [] }
        guard options.comparesConfiguration || isPushing || state.isNew else { return [] }
        warnAboutPublicSecrets(desired)
        // A new Space is created with the whole configuration.
        if state.isNew, !options.isPlan { return [] }
        var diff = ConfigurationDiff(
            desired: desired, space: target.space, info: state.isNew ? nil : try await loadSpaceInfo(before),
            isPushing: isPushing, prunes: options.prunes)
        if !state.isNew, !desired.variables.isEmpty || !desired.secrets.isEmpty || options.prunes {
            // Variables and secrets are both fetched because they share one namespace.
            (diff.variables, diff.secrets) = try await fetchVariablesAndSecrets()
            if let collision = diff.collision { throw collision }
        }
        try requireSecretValues(of: desired, on: diff.secrets.map { Array($0.keys) })
        try await addHardwareOffers(&diff)
        return diff.changes
    }

    /// Fetches the hardware options with their prices if the hardware changes.
    /// - Throws: kind `settings` if the Hub does not have the desired hardware.
    private func addHardwareOffers(_ diff: inout ConfigurationDiff) async throws(DeployError) {
        guard !diff.hardwareChanges.isEmpty else { return }
        diff.offers = try await environment.configuration.hardwareOptions()
        let names = diff.offers.map(\.name)
        guard let hardware = environment.configuration.desiredConfiguration.hardware, !names.isEmpty,
            !names.contains(hardware)
        else { return }
        throw DeployError(
            .settings, "hardware = \(hardware): the Hub has no such hardware type",
            hint: (nearest(hardware, among: names).map { "did you mean \($0)? " } ?? "")
                + "to list the hardware types: spacesync hardware")
    }

    private func loadSpaceInfo(_ before: SpaceInfo?) async throws(DeployError) -> SpaceInfo? {
        let desired = environment.configuration.desiredConfiguration
        guard desired.hardware != nil || desired.sleepTime != nil || desired.visibility != nil else {
            return before
        }
        if let before, before.runtime != nil { return before }
        return try await environment.runtime.info()
    }

    /// Fetches the Space's variables and secrets concurrently.
    private func fetchVariablesAndSecrets() async throws(DeployError) -> (
        variables: [String: String], secrets: [String: SecretComparison]?
    ) {
        try await withConcurrent({ [configuration = environment.configuration] in
            do throws(DeployError) { return Result.success(try await configuration.secrets()) } catch {
                return Result.failure(error)
            }
        }) { (secrets) async throws(DeployError) in
            (try await environment.configuration.variables(), try knownSecrets(await secrets.value))
        }
    }

    /// Returns the secrets; `nil` for a plan without the permission to list them. The Hub lists names
    /// of secrets only for users with write access.
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
                    "variable \(variable.name) is visible to everyone who can see the Space; if it is a secret, use "
                        + "secret = \(variable.name)=env:\(variable.name)"))
        }
    }

    /// Checks, before anything is created or sent, that every required secret has a value: an app
    /// without its secrets would fail.
    /// - Parameter names: names of the Space's secrets; `nil` if they cannot be listed.
    /// - Throws: kind `settings` if a value is missing.
    func requireSecretValues(of desired: DesiredConfiguration, on names: [String]?) throws(DeployError) {
        guard let names else { return }
        let missing = desired.missingSecrets(on: names)
        guard let first = missing.first else { return }
        let list = missing.map(\.name).joined(separator: ", ")
        throw DeployError(
            .settings,
            "\(target.space) has no secret \(list), and \(missing.count == 1 ? "its value is" : "their values are") not available",
            details: missing.map { "\($0.name): not found in \($0.location)" },
            hint: "set its value there, or use secret = \(first.name)? if the app runs without it")
    }

    /// Requires confirmation of costs and exposure: at the terminal, by `--yes`, or for unattended runs
    /// by `spacesync.trust` in the operator's Git configuration.
    func confirmCosts(to changes: [ConfigurationChange]) async throws(DeployError) {
        let pending = unconfirmed(changes), warnings = costWarnings(pending)
        guard !pending.isEmpty else { return }
        guard
            await options.confirm(
                warnings.joined(separator: "\n") + "\nApply this to \(target.space)?") == true
        else {
            let keys = pending.map { "git config --add spacesync.trust '\($0.subject)'" }
            throw DeployError(
                .blocked, "\(target.space): costs and exposure require confirmation; nothing was changed",
                details: warnings,
                hint: (["to confirm: spacesync push \(target.space) --yes"]
                    + keys.map { "for unattended runs: \($0)" })
                    .joined(separator: "\n"))
        }
    }

    /// Warns about costs and exposure that a push has to confirm, for commands that do not push.
    func logCostWarnings(of changes: [ConfigurationChange]) {
        for warning in costWarnings(unconfirmed(changes)) {
            emit(.warning("a push requires confirmation (--yes): \(warning)"))
        }
    }

    /// Returns the changes with a cost or exposure that `spacesync.trust` does not preapprove.
    private func unconfirmed(_ changes: [ConfigurationChange]) -> [ConfigurationChange] {
        changes.filter {
            $0.costWarning != nil && !options.preapproved.contains($0.subject.description.lowercased())
        }
    }

    private func costWarnings(_ changes: [ConfigurationChange]) -> [String] {
        changes.map { "\($0.subject) \($0.why): \($0.costWarning ?? "")" }
    }

    /// Confirms costs and exposure, and applies the configuration changes. Runs once, even if the push
    /// is planned again.
    func applyConfiguration(_ deploy: inout PreparedDeploy) async throws(DeployError) {
        // --yes confirms exposure, not credentials.
        try await checkExposure(deploy)
        try await confirmCosts(to: deploy.configurationChanges)
        try await apply(deploy.configurationChanges)
        deploy.isConfigured = deploy.configurationChanges.contains { $0.command != nil }
    }

    /// Returns the configuration that a new Space is created with.
    func initialConfiguration() async throws(DeployError) -> [ConfigurationChange] {
        var diff = ConfigurationDiff(
            desired: environment.configuration.desiredConfiguration, space: target.space, info: nil)
        try await addHardwareOffers(&diff)
        return diff.changes
    }

    /// Applies the changes in order. If one fails, the error names the changes that were applied
    /// before.
    func apply(_ changes: [ConfigurationChange]) async throws(DeployError) {
        var applied: [String] = []
        let pending = changes.filter { $0.command != nil }
        guard !pending.isEmpty else { return }
        emit(.step("Setting \(pending.map(\.subject.description).joined(separator: ", "))"))
        for change in pending {
            guard let command = change.command else { continue }
            do { try await environment.configuration.apply(command) } catch {
                var failure = error
                if !applied.isEmpty {
                    failure.details.append("already set: \(applied.joined(separator: ", "))")
                }
                throw failure
            }
            emit(.configured(change))
            applied.append(change.subject.description)
        }
    }

    /// Searches every file of the Space's head before its visibility widens, not only what this
    /// push adds: older findings were allowed while fewer people could see the Space.
    /// - Throws: `DeployError` of kind `blocked` with the findings.
    func checkExposure(_ deploy: PreparedDeploy) async throws(DeployError) {
        guard let visibility = deploy.configurationChanges.widerVisibility else { return }
        let check = ExposureCheck(of: space, in: objects, allowing: target.allowCredential)
        emit(.step("Searching \(target.space) for credentials before it becomes \(visibility)"))
        var findings: [Finding] = []
        if target.spaceBranch != "main" {
            let result = try await check.result(at: "main")
            result.warnings.forEach(emit)
            findings += result.findings
            // The push continues with its own branch.
            _ = try await space.fetchHead(of: target.spaceBranch)
        }
        if let head = deploy.space.head {
            let result = try await check.result(in: head)
            result.warnings.forEach(emit)
            findings += result.findings
        }
        let failure = DeployError.exposureError(
            findings.sortedUnique, of: target.space, as: target.space, to: visibility)
        if let failure { throw failure }
    }
}

extension [ConfigurationChange] {
    /// The new visibility if more people can see the Space than now; otherwise `nil`.
    fileprivate var widerVisibility: String? {
        for change in self where change.costWarning != nil {
            if case .setVisibility(let visibility)? = change.command { return visibility }
        }
        return nil
    }
}

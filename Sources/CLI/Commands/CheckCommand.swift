import Deploy
import DeploySettings
import Documentation
import Essentials
import Reporting
import SpacesModel
import TextTools

/// The command `check`, for all selected targets.
struct CheckCommand: Sendable {
    static let command = Command(
        .check, flags: Flag.target.filter { !hubFlags.contains($0) }, ignoredFlags: hubFlags + Flag.push
    ) { (invocation) async throws(DeployError) in
        try await CheckCommand(invocation: invocation).run()
    }

    /// Flags that have an effect only if the Hub is used.
    private static let hubFlags = [Flag.drift, .tokenFile]

    let invocation: Invocation

    func run() async throws(DeployError) -> Int {
        let loader = SettingsLoader(invocation.environment, invocation.arguments)
        var loaded = try await loader.load(invocation.arguments.positionals)
        if loaded.targets.isEmpty, loaded.refused.isEmpty {
            let folder = SpaceID.folder(folderName(loaded.currentRepository))
            loaded.settings = Settings(layers: loaded.layers, named: [folder])
            try loaded.settings.throwIfInvalid()
        }
        loaded.logWarnings(invocation.reporter)
        let (targets, refused) = loaded.settings.selected
        guard !targets.isEmpty || !refused.isEmpty else { throw loaded.noTargetSelected(by: "check") }
        let context = try RunContext(invocation, loaded)
        let spaces = targets.map(\.space) + refused.map(\.space)
        invocation.reporter.send(
            .begin(
                RunDescription(spaces: spaces, isInOrder: true, checkouts: loaded.checkouts(of: targets))))
        var reports = await ParallelRunner(width: loaded.operators.jobs).reports(of: targets) { (target) in
            await context.report(on: target) { (targetContext) async throws(DeployError) in
                if let suggestion = target.suggestionHint {
                    targetContext.log(.warning("\(target.space) is not in the settings; \(suggestion)"))
                }
                return await (try await targetContext.offlineDeployer()).check()
            }
        }
        reports += refused.map { context.report(on: $0) }
        return DeployResult.exitCode(of: reports)
    }

    /// Returns the display name of a repository that no setting binds to a Space: the last
    /// component of its path.
    private func folderName(_ currentRepository: CurrentRepository?) -> String {
        let sourceFlag = invocation.arguments.value(.source)?.redactedURL
        let folder = (sourceFlag ?? currentRepository?.top ?? invocation.environment.directory).split(
            separator: "/"
        ).last
        return folder.map { String($0) } ?? "/"
    }
}

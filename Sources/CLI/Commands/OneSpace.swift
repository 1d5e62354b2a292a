import Deploy
import SpacesModel

extension Invocation {
    /// The only Space that is named.
    /// - Throws: kind `usage` where there is none, or more.
    func oneSpace() throws(DeployError) -> [String] {
        guard arguments.positionals.count == 1 else {
            throw DeployError(
                .usage, "\(command.name) takes one Space", hint: "spacesync \(command.name) owner/name")
        }
        return arguments.positionals
    }

    /// Runs a story about it.
    /// - Returns: the exit code.
    func runOnOneSpace(
        _ operation: (TargetContext, RunContext) async throws(DeployError) -> DeployResult
    ) async throws(DeployError) -> Int {
        let loaded = try await SettingsLoader(environment, arguments).load(try oneSpace())
        let workshop = try RunContext(self, loaded)
        let report = await workshop.report(on: try loaded.onlyTarget()) { (bench) async throws(DeployError) in
            try await operation(bench, workshop)
        }
        return report.exitCode
    }
}

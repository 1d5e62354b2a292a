import Deploy
import SpacesModel

extension Invocation {
    /// Returns the name of the only Space on the command line.
    /// - Throws: kind `usage` unless exactly one is named.
    func oneSpace() throws(DeployError) -> [String] {
        guard arguments.positionals.count == 1 else {
            throw DeployError(
                .usage, "\(command.name) takes one Space", hint: "spacesync \(command.name) owner/name")
        }
        return arguments.positionals
    }

    /// Runs an operation on the only Space on the command line, and reports its result.
    /// - Returns: the exit code.
    func runOnOneSpace(
        _ operation: (TargetContext, RunContext) async throws(DeployError) -> DeployResult
    ) async throws(DeployError) -> Int {
        let loaded = try await SettingsLoader(environment, arguments).load(try oneSpace())
        let context = try RunContext(self, loaded)
        let report = await context.report(on: try loaded.onlyTarget()) {
            (targetContext) async throws(DeployError) in
            try await operation(targetContext, context)
        }
        return report.exitCode
    }
}

import Deploy
import DeploySettings
import HubAPI
import Reporting
import SpacesModel

/// Shared context of the commands that act on a single Space: resolved settings and the result writer.
struct SpaceCommandContext: Sendable {
    let invocation: Invocation
    let loaded: ResolvedSettings
    let runContext: RunContext
    let results: ResultWriter

    /// - Parameter names: Spaces as they were typed.
    init(_ invocation: Invocation, _ names: [String]) async throws(DeployError) {
        self.invocation = invocation
        loaded = try await Self.settings(of: invocation, names)
        runContext = try RunContext(invocation, loaded)
        results = ResultWriter(invocation)
    }

    /// Loads the settings. These commands need nothing from the work tree's `.spacesync`, so if it
    /// is invalid and the Space is named, the file is ignored with a warning.
    private static func settings(of invocation: Invocation, _ names: [String]) async throws(DeployError)
        -> ResolvedSettings
    {
        var loader = SettingsLoader(invocation.environment, invocation.arguments)
        do throws(DeployError) {
            return try await loader.load(names)
        } catch {
            loader.leavesOutTravelling = true
            guard error.kind == .settings, !names.isEmpty, let settings = try? await loader.load(names) else {
                throw error
            }
            invocation.reporter.warn(
                ".spacesync is not heeded: \(error.message); spacesync check tells all of it")
            return settings
        }
    }

    var arguments: Arguments { invocation.arguments }

    /// Returns the first Space on the command line.
    /// - Throws: kind `usage` if there is none.
    func space() throws(DeployError) -> SpaceID {
        guard let space = loaded.named.first else { throw DeployError(.usage, "no Space is named") }
        return space
    }

    /// Runs an operation on one Space, and reports its error.
    /// - Returns: the exit code.
    func withSpace(
        _ space: SpaceID, _ operation: (HubSpace, EventHandler) async throws(DeployError) -> Void
    ) async -> Int {
        await report(on: space, operation).exitCode
    }

    func report(on space: SpaceID, _ operation: (HubSpace, EventHandler) async throws(DeployError) -> Void)
        async -> DeployResult
    {
        let target = loaded.targets.first { $0.space == space } ?? Target(space: space)
        return await runContext.attempt(on: target) { (targetContext) async throws(DeployError) in
            try await operation(try await targetContext.hubSpace(), targetContext.log)
        }
    }

    /// Searches every file of a Space for credentials before it, or a copy of it, becomes more
    /// visible. Credentials that are allowed by the settings of the Space that becomes visible are
    /// skipped.
    /// - Throws: kind `blocked` with the findings.
    func checkExposure(
        of space: SpaceID, as copy: SpaceID? = nil, to visibility: Visibility
    ) async throws(DeployError) {
        let allowed = loaded.targets.first { $0.space == copy ?? space }?.allowCredential ?? []
        let target = loaded.targets.first { $0.space == space } ?? Target(space: space)
        try await TargetContext(target, runContext).checkExposure(
            to: visibility.rawValue, of: copy, allowing: allowed)
    }

    /// Prints a line; commands in it are completed with the typed flags.
    func log(_ text: String, about space: SpaceID) {
        invocation.reporter.info(runContext.commandHints.complete(text, of: space))
    }

    func warn(_ text: String) { invocation.reporter.warn(text) }
}

extension Invocation {
    /// Returns the positional arguments.
    /// - Parameter line: an example of the command for the hint, without `spacesync`.
    /// - Throws: kind `usage` if their number is not in `count`.
    func positionals(_ count: ClosedRange<Int>, like line: String) throws(DeployError) -> [String] {
        let positionals = arguments.positionals
        if let type = arguments.value(.type), type != "space" {
            throw DeployError(.usage, "spacesync knows Spaces alone, no \(type)", hint: "spacesync \(line)")
        }
        guard count.contains(positionals.count) else {
            throw DeployError(
                .usage, "\(command.name) takes \(command.help.synopsis)", hint: "spacesync \(line)")
        }
        return positionals
    }
}

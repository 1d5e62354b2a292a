import Deploy
import DeploySettings
import HubAPI
import Reporting
import SpacesModel

/// Where verbs are given: the settings of a run, and what it gives to standard output.
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

    /// A verb takes nothing from the file that lies in a work tree: a mistake there stops no look at a Space by its name.
    private static func settings(of invocation: Invocation, _ names: [String]) async throws(DeployError)
        -> ResolvedSettings
    {
        var loader = SettingsLoader(invocation.environment, invocation.arguments)
        do throws(DeployError) {
            return try await loader.load(names)
        } catch {
            loader.leavesOutTravelling = true
            guard error.kind == .settings, !names.isEmpty, let rest = try? await loader.load(names) else {
                throw error
            }
            invocation.reporter.warn(
                ".spacesync is not heeded: \(error.message); spacesync check tells all of it")
            return rest
        }
    }

    var arguments: Arguments { invocation.arguments }

    /// The only Space that is named.
    /// - Throws: kind `usage` where there is none.
    func space() throws(DeployError) -> SpaceID {
        guard let space = loaded.named.first else { throw DeployError(.usage, "no Space is named") }
        return space
    }

    /// Runs a verb on one Space, and reports what ends it early.
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
        return await runContext.attempt(on: target) { (bench) async throws(DeployError) in
            try await operation(try await bench.hubSpace(), bench.log)
        }
    }

    /// Searches every file of a Space for credentials before it, or a copy of it, becomes more visible. What the
    /// settings of the Space that becomes visible allow is passed.
    /// - Throws: kind `guarded` with what was found.
    func checkExposure(
        of space: SpaceID, as copy: SpaceID? = nil, to visibility: Visibility
    ) async throws(DeployError) {
        let allowed = loaded.targets.first { $0.space == copy ?? space }?.allowCredential ?? []
        let target = loaded.targets.first { $0.space == space } ?? Target(space: space)
        try await TargetContext(target, runContext).checkExposure(
            to: visibility.rawValue, of: copy, allowing: allowed)
    }

    /// A line of the story; ready lines in it get the flags that were typed.
    func log(_ text: String, about space: SpaceID) {
        invocation.reporter.info(runContext.commandHints.complete(text, of: space))
    }

    func warn(_ text: String) { invocation.reporter.warn(text) }
}

extension Invocation {
    /// The words that were typed, when there are as many as the command takes.
    /// - Parameter line: how it is called, behind `spacesync`.
    func positionals(_ count: ClosedRange<Int>, like line: String) throws(DeployError) -> [String] {
        let words = arguments.positionals
        if let type = arguments.value(.type), type != "space" {
            throw DeployError(.usage, "spacesync knows Spaces alone, no \(type)", hint: "spacesync \(line)")
        }
        guard count.contains(words.count) else {
            throw DeployError(
                .usage, "\(command.name) takes \(command.help.synopsis)", hint: "spacesync \(line)")
        }
        return words
    }
}

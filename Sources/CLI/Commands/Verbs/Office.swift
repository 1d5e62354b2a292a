import Deploy
import DeploySettings
import HubAPI
import Reporting
import SpacesModel

/// Where verbs are given: the settings of a run, and what it gives to standard output.
struct Office: Sendable {
    let invocation: Invocation
    let loaded: LoadedSettings
    let workshop: Workshop
    let results: Results

    /// - Parameter names: Spaces as they were typed.
    init(_ invocation: Invocation, _ names: [String]) async throws(Failure) {
        self.invocation = invocation
        loaded = try await Self.settings(of: invocation, names)
        workshop = try Workshop(invocation, loaded)
        results = Results(invocation)
    }

    /// A verb takes nothing from the file that lies in a work tree: a mistake there stops no look at a Space by its name.
    private static func settings(of invocation: Invocation, _ names: [String]) async throws(Failure)
        -> LoadedSettings
    {
        var loader = SettingsLoader(invocation.world, invocation.arguments)
        do throws(Failure) {
            return try await loader.load(names)
        } catch {
            loader.leavesOutTravelling = true
            guard error.kind == .settings, !names.isEmpty, let rest = try? await loader.load(names) else {
                throw error
            }
            invocation.voice.warn(
                ".spacesync is not heeded: \(error.message); spacesync check tells all of it")
            return rest
        }
    }

    var arguments: Arguments { invocation.arguments }

    /// The only Space that is named.
    /// - Throws: kind `usage` where there is none.
    func space() throws(Failure) -> SpaceID {
        guard let space = loaded.named.first else { throw Failure(.usage, "no Space is named") }
        return space
    }

    /// Runs a verb on one Space, and reports what ends it early.
    /// - Returns: the exit code.
    func serve(
        _ space: SpaceID, _ verb: (HubSpace, Say) async throws(Failure) -> Void
    ) async -> Int {
        await report(on: space, verb).exitCode
    }

    func report(on space: SpaceID, _ verb: (HubSpace, Say) async throws(Failure) -> Void) async -> Report {
        let target = loaded.targets.first { $0.space == space } ?? Target(space: space)
        return await workshop.attempt(on: target) { (bench) async throws(Failure) in
            try await verb(try await bench.hubSpace(), bench.say)
        }
    }

    /// Searches every file of a Space for credentials before it, or a copy of it, becomes more visible. What the
    /// settings of the Space that becomes visible allow is passed.
    /// - Throws: kind `guarded` with what was found.
    func checkExposure(
        of space: SpaceID, as copy: SpaceID? = nil, to visibility: Visibility
    ) async throws(Failure) {
        let allowed = loaded.targets.first { $0.space == copy ?? space }?.allowCredential ?? []
        let target = loaded.targets.first { $0.space == space } ?? Target(space: space)
        try await Bench(target, workshop).checkExposure(to: visibility.rawValue, of: copy, allowing: allowed)
    }

    /// A line of the story; ready lines in it get the flags that were typed.
    func tell(_ text: String, about space: SpaceID) {
        invocation.voice.note(workshop.lines.complete(text, of: space))
    }

    func warn(_ text: String) { invocation.voice.warn(text) }
}

extension Invocation {
    /// The words that were typed, when there are as many as the command takes.
    /// - Parameter line: how it is called, behind `spacesync`.
    func words(_ count: ClosedRange<Int>, like line: String) throws(Failure) -> [String] {
        let words = arguments.words
        if let type = arguments.value(.type), type != "space" {
            throw Failure(.usage, "spacesync knows Spaces alone, no \(type)", hint: "spacesync \(line)")
        }
        guard count.contains(words.count) else {
            throw Failure(.usage, "\(command.name) takes \(command.synopsis)", hint: "spacesync \(line)")
        }
        return words
    }
}

import Deploy
import DeploySettings
import Essentials
import HubAPI
import Reporting
import SpacesModel
import TextTools

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
            invocation.reporter.send(
                .warning(
                    ".spacesync is ignored: \(error.message); for details, run spacesync check"))
            return settings
        }
    }

    var arguments: Arguments { invocation.arguments }

    /// Returns the first Space on the command line.
    /// - Throws: kind `usage` if there is none.
    func space() throws(DeployError) -> SpaceID {
        guard let space = loaded.named.first else { throw DeployError(.usage, "no Space specified") }
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

    /// Returns the known outcomes of a Space's deploys.
    func outcomes(of space: SpaceID, _ history: DeployHistory, _ info: SpaceInfo) -> DeployOutcomes {
        let target = loaded.targets.first { $0.space == space }
        var outcomes = DeployOutcomes(observed: runContext.outcomes(of: space).outcomes())
        outcomes.add(history)
        outcomes.add(info, hasProbes: target?.probes.isEmpty == false)
        return outcomes
    }

    /// Returns the two Spaces that are named.
    /// - Throws: kind `usage` if both are the same.
    func twoSpaces() throws(DeployError) -> (from: SpaceID, to: SpaceID) {
        guard loaded.named.count == 2 else {
            throw DeployError(
                .usage, "both arguments are the same Space",
                hint: "spacesync \(invocation.command.name) owner/name owner/other")
        }
        return (loaded.named[0], loaded.named[1])
    }

    /// Prints a line; commands in it are completed with the typed flags.
    func log(_ text: String, about space: SpaceID) {
        invocation.reporter.send(.info(runContext.commandHints.complete(text, of: space)))
    }

    func warn(_ text: String) { invocation.reporter.send(.warning(text)) }
}

/// A writer of command results to standard output: text lines, a JSON object, or only ids and URLs.
struct ResultWriter: Sendable {
    private let out: Terminal
    private let form: Form
    private let event: String
    /// The style of text lines.
    let style: Style

    private enum Form { case text, json, quiet }

    init(_ invocation: Invocation) {
        (out, event) = (invocation.environment.out, invocation.command.name)
        let arguments = invocation.arguments
        form = arguments.has(.json) ? .json : arguments.has(.quiet) ? .quiet : .text
        let environment = invocation.environment
        let isPlain =
            arguments.has(.noColor) || environment["NO_COLOR"] != nil || environment["TERM"] == "dumb"
        style = Style(isOn: out.isTerminal && !isPlain)
    }

    var isJSON: Bool { form == .json }
    var isText: Bool { form == .text }
    var isTerminal: Bool { out.isTerminal }
    /// The present size of the terminal; `nil` if lines need not be fitted.
    var size: Terminal.Size? { out.size }
    /// Whether the reader closed standard output.
    var isClosed: Bool { out.hasEnded }

    /// Writes one result. Text from the Hub must already be escaped with `visible`; `quiet` is
    /// escaped here.
    func write(
        _ space: SpaceID?, text: [String], quiet: String?, json: JSON.Object,
        as event: String? = nil
    ) {
        switch form {
        case .json: out.write(JSONReporter.object(event ?? self.event, space, json).text + "\n")
        case .quiet: if let quiet { out.write(quiet.visible + "\n") }
        case .text: text.forEach { out.write($0 + "\n") }
        }
    }

    /// Writes the headings of a table, which only text output has.
    func write(heading: String?) {
        if let heading, isText { out.write(style.dim(heading) + "\n") }
    }

    /// Writes control sequences that move the cursor; only for a terminal.
    func draw(_ text: String) { out.write(text) }

    /// Writes the stage, as the result of a command that changed it.
    func write(_ space: SpaceID, _ runtime: Runtime) {
        write(
            space, text: ["\(space) \(style.of(runtime.stage))"], quiet: space.description,
            json: runtime.fields)
    }
}

extension Runtime {
    /// The fields of the JSON output.
    var fields: JSON.Object {
        [
            "stage": .string(stage.rawValue), "error_message": .optional(errorMessage),
            "hardware": .optional(hardware), "requested_hardware": .optional(requestedHardware),
            "sleep_time": sleepTime.map { .int($0.seconds) } ?? .null, "sha": .optional(sha),
        ]
    }
}

/// Confirmation of actions that cost money, expose data or cannot be undone: typed on the terminal,
/// or `--yes`.
struct Confirmation: Sendable {
    private let context: SpaceCommandContext
    private let space: SpaceID

    init(_ context: SpaceCommandContext, _ space: SpaceID) { (self.context, self.space) = (context, space) }

    /// Requires confirmation of an action.
    /// - Parameters:
    ///   - action: a sentence without full stop.
    ///   - details: the costs, exposure or losses, one line each.
    ///   - line: the command for the hint if there is no terminal, without `spacesync` and `--yes`.
    /// - Throws: kind `blocked` without confirmation.
    func require(_ action: String, _ details: [String], line: String) async throws(DeployError) {
        let environment = context.invocation.environment
        guard !context.arguments.has(.yes) else { return }
        if environment.canAsk {
            // Part of the prompt, so that no other output separates the details from the question.
            if await Prompt(environment).confirmDefaultNo(
                (details.map(\.visible) + ["\(action)?"]).joined(separator: "\n"))
            {
                return
            }
            guard !Task.isCancelled else { throw DeployError(.interrupted, "interrupted") }
            throw DeployError(.blocked, "nothing was changed", cause: .declined)
        }
        throw DeployError(
            .blocked, "confirmation required: \(action)", details: details,
            hint: "spacesync \(line) --yes")
    }
}

/// Readable forms of the Hub's times (RFC 3339).
enum RelativeTime {
    /// Returns the day, such as `2026-03-07`; empty for `nil`.
    static func day(_ text: String?) -> String { text.map { String($0.prefix(10)).visible } ?? "" }

    /// Returns `now`, `5 min ago`, `3 h ago` or `12 d ago`; text that is not a time is returned
    /// unchanged.
    static func ago(_ text: String?, now: Date = Date()) -> String {
        guard let text else { return "" }
        guard let date = Date(hub: text) else { return text.visible }
        return Duration.seconds(max(0, now.timeIntervalSince(date))).text(.age)
    }
}

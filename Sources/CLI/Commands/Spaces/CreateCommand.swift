import Documentation
import HTTP
import HubAPI
import Reporting
import SpacesModel
import TextTools

/// The command `create`: makes an empty Space.
enum CreateCommand {
    static let command = Command(
        .create, flags: [sdkFlag] + SpaceCreationOptions.flags + Flag.spaceCommand, ignoredFlags: [.type]
    ) { (invocation) async throws(DeployError) in
        let positionals = try invocation.positionals(1...1, like: "create owner/name")
        let sdk = try sdk(invocation.arguments, positionals[0])
        let creationOptions = try await SpaceCreationOptions(
            invocation.arguments, in: invocation.environment, like: "spacesync create \(positionals[0])")
        let context = try await SpaceCommandContext(invocation, positionals)
        let space = try context.space()
        context.checkFiles(of: creationOptions.secrets)
        creationOptions.variables.forEach { context.warnOfSecret($0.name, of: space) }
        return await context.withSpace(space) { (hub, _) async throws(DeployError) in
            try await creationOptions.confirmCosts(context, space, hub.hub, line: "create \(space)")
            let creation = try await hub.hub.create(
                space, sdk: sdk, visibility: creationOptions.visibility.rawValue,
                hardware: creationOptions.hardware,
                sleepTime: creationOptions.sleep, secrets: creationOptions.newSecrets,
                variables: creationOptions.newVariables)
            try creationOptions.printResult(creation, space, context)
            context.log("next: spacesync push \(space)", about: space)
        }
    }

    private static let sdkFlag = Flag(
        "--sdk --space-sdk", value: "SDK", "docker (the default), gradio or static")

    private static func sdk(_ arguments: Arguments, _ space: String) throws(DeployError) -> String {
        let sdk = arguments.value(sdkFlag) ?? "docker"
        let known = ["docker", "gradio", "static"]
        guard known.contains(sdk) else {
            throw DeployError(
                .usage, "\"\(sdk)\" is not a valid sdk; use docker, gradio or static",
                hint: "spacesync create \(space) --sdk \(nearest(sdk, among: known) ?? "docker")")
        }
        return sdk
    }
}

/// Options of a new Space other than its files, from the flags of `create` and `duplicate`.
struct SpaceCreationOptions: Sendable {
    var visibility = Visibility.private
    var hardware: String?
    var sleep: SleepTime?
    var secrets: [GivenValue] = []
    var variables: [GivenValue] = []

    static let flags: [Flag] =
        [visibilityFlag] + visibilityFlags
        + [hardwareFlag, .sleepTime, .secret, .secretsFile, .variable, .envFile, existOK, .yes]

    private static let visibilityFlag = Flag(
        "--visibility", value: "V", "public, private (the default) or protected")
    private static let visibilityFlags = [
        Flag("--private", "only the owner can see it"), Flag("--public", "everybody can see it"),
        Flag("--protected", "everybody can see the app, only the owner can see the files"),
    ]
    private static let hardwareFlag = Flag(
        "--hardware --flavor", value: "FLAVOUR", "hardware type; spacesync hardware lists all types")
    private static let existOK = Flag(
        "--exist-ok", "succeed if the Space already exists (it is not changed)")

    /// Reads the flags and resolves all values, before the first request to the Hub.
    /// - Throws: kind `usage` or `settings`, with all problems of the values.
    init(_ arguments: Arguments, in environment: CommandEnvironment, like line: String)
        async throws(DeployError)
    {
        visibility = try Self.visibility(arguments, line)
        hardware = arguments.value(Self.hardwareFlag)
        sleep = try arguments.value(.sleepTime).map { (text) throws(DeployError) in
            try SleepTime.read(text, like: "\(line) --sleep-time 1h")
        }
        secrets = try await CommandLineValues.read(
            .secret, assignments: arguments.values(.secret), files: arguments.values(.secretsFile),
            in: environment)
        let variables = try await CommandLineValues.read(
            .variable, assignments: arguments.values(.variable), files: arguments.values(.envFile),
            in: environment)
        self.variables = variables
        if let name = secrets.map(\.name).first(where: variables.map(\.name).contains) {
            throw DeployError(
                .usage, "\(name) is both a variable and a secret; a Space with both does not run",
                hint: "remove one of them")
        }
    }

    private static func visibility(_ arguments: Arguments, _ line: String) throws(DeployError) -> Visibility {
        var values = arguments.values(visibilityFlag)
        values += arguments.flags.map(\.flag).filter { visibilityFlags.contains($0) }.map {
            String($0.names[0].dropFirst(2))
        }
        var visibilities: [Visibility] = []
        for value in values { visibilities.append(try Visibility.read(value, of: "owner/name")) }
        guard Set(visibilities).count < 2 else {
            throw DeployError(
                .usage, "conflicting visibilities; use only one of public, private and protected", hint: line)
        }
        return visibilities.first ?? .private
    }

    /// The secrets, each with its fingerprint, by which a later push detects that it is unchanged.
    var newSecrets: [NewSecret] {
        secrets.map { ($0.name, $0.value, Fingerprint(of: $0.value)?.description) }
    }

    var newVariables: [(name: String, value: String)] { variables.map { ($0.name, $0.value.reveal()) } }

    /// The flags as text. Those of secrets and variables are added by `CommandHints`.
    var commandLineFlags: String {
        let flags = [
            visibility == .private ? nil : "--visibility \(visibility.rawValue)",
            hardware.map { "--hardware \($0)" },
            sleep.map { "--sleep-time \($0)" },
        ]
        return flags.compactMap { $0 }.map { " " + $0 }.joined()
    }

    /// Requires confirmation of paid hardware, and of variables that look like credentials.
    /// - Throws: kind `blocked` without confirmation, `usage` for unknown hardware.
    func confirmCosts(_ context: SpaceCommandContext, _ space: SpaceID, _ hub: HubClient, line: String)
        async throws(DeployError)
    {
        try await context.confirm(toShow: variables, of: space)
        guard let hardware, hardware != "cpu-basic" else {
            if let sleep {
                context.warn("--sleep-time \(sleep) has no effect: the sleep time of cpu-basic is fixed")
            }
            return
        }
        let desired = try await hub.hardware().named(hardware)
        guard desired.price?.isFree != true else { return }
        var details = ["\(hardware): \(desired.cost), while it runs"]
        if sleep?.isEndless ?? true {
            details.append(
                "it never sleeps; use --sleep-time 1h to let it sleep after one hour without a visit")
        }
        try await Confirmation(context, space).require("Run \(space) on \(hardware)", details, line: line)
    }

    /// Prints the result of a creation.
    /// - Throws: kind `refused` if the Space already existed and `--exist-ok` is not given.
    func printResult(
        _ creation: CreateResult, _ space: SpaceID, _ context: SpaceCommandContext
    ) throws(DeployError) {
        let page = "\(context.runContext.endpoint)/spaces/\(space)"
        switch creation {
        case .created(let url):
            let url = url ?? page
            context.results.write(
                space, text: [url.visible], quiet: url,
                json: ["url": .string(url), "created": .bool(true)])
        case .existed(let url):
            guard context.arguments.has(Self.existOK) else {
                throw DeployError(
                    .refused, "\(space) already exists; nothing was changed",
                    details: [url ?? page],
                    hint: "use --exist-ok to accept this, or run spacesync status \(space) to see the Space")
            }
            context.log("\(space) already exists and was not changed", about: space)
            context.results.write(
                space, text: [(url ?? page).visible], quiet: url ?? page,
                json: ["url": .string(url ?? page), "created": .bool(false)])
        }
    }
}

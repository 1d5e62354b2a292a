import HTTP
import HubAPI
import Reporting
import SpacesModel
import TextTools

/// Options of a new Space other than its files, from the flags of `create` and `duplicate`.
struct SpaceCreationOptions: Sendable {
    var visibility = Visibility.private
    var hardware: String?
    var sleep: SleepTime?
    var secrets: [GivenValue] = []
    var variables: [GivenValue] = []

    static let flags: [Flag] = [
        Flag("--visibility", value: "V", "public, private (the default) or protected"), .private, .public,
        .protected,
        Flag("--hardware --flavor", value: "FLAVOUR", "what it runs on: spacesync hardware lists them"),
        .sleepTime, .secret, .secretsFile, .variable, .envFile,
        Flag("--exist-ok", "one that is there already is no failure, and stays as it is"), .yes,
    ]

    /// Reads the flags and resolves all values, before the first request to the Hub.
    /// - Throws: kind `usage` or `settings`, with all problems of the values.
    init(_ arguments: Arguments, in environment: CommandEnvironment, like line: String)
        async throws(DeployError)
    {
        visibility = try Self.visibility(arguments, line)
        hardware = arguments.value(named: "--hardware")
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
                .usage, "\(name) is given as a variable and as a secret, and the Hub runs no such Space",
                hint: "leave one of them out")
        }
    }

    private static func visibility(_ arguments: Arguments, _ line: String) throws(DeployError) -> Visibility {
        var values = arguments.flags.filter { $0.flag.names[0] == "--visibility" }.map(\.value)
        values += arguments.flags.map(\.flag).filter { [.private, .public, .protected].contains($0) }.map {
            String($0.names[0].dropFirst(2))
        }
        var visibilities: [Visibility] = []
        for value in values { visibilities.append(try Visibility.read(value, of: "owner/name")) }
        guard Set(visibilities).count < 2 else {
            throw DeployError(.usage, "a Space is public, private or protected, one of them", hint: line)
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
                context.warn("--sleep-time \(sleep) changes nothing: the sleep time of cpu-basic is fixed")
            }
            return
        }
        let desired = try await hub.hardware().named(hardware)
        guard desired.price?.isFree != true else { return }
        var details = ["\(hardware): \(desired.cost), while it runs"]
        if sleep?.isEndless ?? true {
            details.append("it runs always: --sleep-time 1h lets it sleep after an hour without a visit")
        }
        try await Confirmation(context, space).require("Run \(space) on \(hardware)", details, line: line)
    }
}

extension Flag {
    static let `private` = Flag("--private", "its owner alone sees it")
    static let `public` = Flag("--public", "everybody sees it")
    static let protected = Flag("--protected", "everybody sees the app, its owner alone the files")
}

extension Arguments {
    /// Returns the last value of the flag with this first name; `nil` without the flag.
    func value(named name: String) -> String? { flags.last { $0.flag.names[0] == name }?.value }
    func has(named name: String) -> Bool { value(named: name) != nil }
}

extension SpaceCommandContext {
    /// Prints the result of a creation.
    /// - Throws: kind `refused` if the Space already existed and `--exist-ok` is not given.
    func printCreation(_ creation: CreateResult, _ space: SpaceID) throws(DeployError) {
        let page = "\(runContext.endpoint)/spaces/\(space)"
        switch creation {
        case .created(let url):
            let url = url ?? page
            results.write(
                space, text: [url.visible], quiet: url,
                json: ["url": .string(url), "created": .bool(true)])
        case .existed(let url):
            guard arguments.has(named: "--exist-ok") else {
                throw DeployError(
                    .refused, "there is a Space \(space) already; nothing was changed",
                    details: [url ?? page],
                    hint: "--exist-ok takes it as it is; spacesync status \(space) tells what it is")
            }
            log("\(space) was there already, and stays as it is", about: space)
            results.write(
                space, text: [(url ?? page).visible], quiet: url ?? page,
                json: ["url": .string(url ?? page), "created": .bool(false)])
        }
    }
}
